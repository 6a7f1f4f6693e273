package io.tollgate.controlplane.catalog.version;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Catalogs over HTTP: YAML and JSON, archiving, plans made for one tenant. */
class CatalogApiTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String ALL = "/api/billing/catalogs";
  private static TestApi api;

  @BeforeAll
  static void start() {
    Audit audit = new Audit(InstantSource.system());
    api = TestApi.start(DB, InstantSource.system(), new Catalogs(audit, InstantSource.system()));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static Answer apply(String type, String text) {
    return api.as("admin").post(ALL, text, "Content-Type", type);
  }

  @Test
  void apply_json_isTheSameCatalogAsYaml() {
    Answer yaml =
        apply(
            "application/yaml",
            "catalog: json\nplans:\n  p: {prices: {USD: {monthly: 12.340}}, trial-days: 7}\n");
    assertThat(yaml.status()).as(yaml.text()).isEqualTo(201);
    JsonNode shown =
        api.as("viewer").get(ALL + "/json/newest?format=json").json().path("plans").path("p");
    assertThat(shown.path("prices").path("USD").path("monthly").asText()).isEqualTo("12.340");
    assertThat(shown.path("trial-days").asInt()).isEqualTo(7);
    Answer json =
        apply(
            "application/json",
            "{\"catalog\": \"json\", \"plans\": {\"p\":"
                + " {\"prices\": {\"USD\": {\"monthly\": \"12.34\"}}, \"trial-days\": 7}}}");
    assertThat(json.json().path("changed").asBoolean()).as(json.text()).isFalse();
  }

  @Test
  void archive_makesAVersionInWhichItIsNotSold() {
    apply(
        "application/yaml",
        """
        catalog: arch # kept
        plans:
          a: {prices: {USD: {monthly: 1}}}
          b: {prices: {USD: {monthly: 2}}}
          c: {prices: {USD: {monthly: 3}}}
        """);
    for (String plan : new String[] {"a", "b", "a"}) {
      Answer archived = api.as("admin").post(ALL + "/arch/archive", "{\"plan\": \"" + plan + "\"}");
      assertThat(archived.status()).as(archived.text()).isEqualTo(200);
    }
    JsonNode plans = api.as("viewer").get("/api/billing/plans?catalog=arch").json().path("items");
    assertThat(plans).hasSize(1);
    assertThat(plans.get(0).path("key").asText()).isEqualTo("c");
    assertThat(plans.get(0).path("version").asInt()).isEqualTo(3);
    assertThat(api.as("viewer").get(ALL + "/arch/newest").text())
        .startsWith("catalog: arch # kept\n")
        .endsWith("archived: [\"plans.a\",\"plans.b\"]\n");
    Answer unknown = api.as("admin").post(ALL + "/arch/archive", "{\"plan\": \"zzz\"}");
    assertThat(unknown.status()).isEqualTo(422);
    assertThat(unknown.json().at("/errors/0/field").asText()).isEqualTo("plan");
    assertThat(api.as("admin").post(ALL + "/nope/archive", "{\"plan\": \"a\"}").status())
        .isEqualTo(404);
  }

  @Test
  void planOfOneTenant_isShownToItAlone() {
    apply(
        "application/yaml",
        "catalog: private\nplans:\n  a: {prices: {USD: {monthly: 1}}, tenants: [friend]}\n");
    assertThat(items(api.asTenant("friend"))).hasSize(1);
    assertThat(items(api.asTenant("stranger"))).isEmpty();
    assertThat(items(api.as("viewer"))).hasSize(1);
    for (String tenant : List.of("friend", "stranger")) {
      assertThat(api.asTenant(tenant).get(ALL + "/private/newest").status()).isEqualTo(403);
    }
    assertThat(api.as("viewer").get(ALL + "/private/newest").status()).isEqualTo(200);
  }

  private static JsonNode items(TestApi.Caller caller) {
    return caller.get("/api/billing/plans?catalog=private").json().path("items");
  }

  @Test
  void apply_wrongPromotionAndMinimum_nameTheKey() {
    Answer wrong =
        apply(
            "application/yaml",
            """
            catalog: wrong
            plans:
              a:
                prices: {USD: {monthly: 1}}
                promotions: [{from: 2026-02-01, until: 2026-01-01, prices: {USD: {monthly: 1}}}]
            """);
    assertThat(wrong.text()).contains("catalog.yaml:5", "until");
    Answer other =
        apply(
            "application/yaml",
            """
            catalog: wrong
            plans:
              a:
                prices: {USD: {monthly: 1}}
                promotions: [{from: 2026-01-01, until: 2026-02-01, prices: {EUR: {monthly: 1}}}]
            """);
    assertThat(other.text()).contains("not sold monthly in EUR");
  }
}
