package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Route;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One tenant's token against every route of the contract, aimed at another tenant's things, of
 * which there are real ones in every room. Routes come from the mounted list, which OpenApiTest
 * holds to openapi.yaml; ids come from the tables: a new route or table is covered by itself.
 */
class RowSecurityTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String VICTIM = "victim-7f3a";
  private static final String INTRUDER = "intruder";
  private static final Pattern BRACES = Pattern.compile("\\{([A-Za-z0-9]+)}");
  private static final Pattern UNGUESSABLE =
      Pattern.compile("[a-z]{2,4}_[0-9a-z]{26}|[0-9a-f]{64}");
  private static final int OF_A_KIND = 2;
  private static final List<String> BODIES =
      List.of(
          "{}",
          "{\"tenant\": \"" + VICTIM + "\"}",
          "{\"tenant\": \"" + VICTIM + "\", \"meter\": \"calls\", \"delta\": 5}",
          "{\"plan\": \"premium\"}");

  private static WholeHouse house;
  private static TestApi api;

  @BeforeAll
  static void live() {
    house = new WholeHouse(DB);
    api = house.api;
    house.applyExample("gaudaan");
    house.apply(
        """
        catalog: side
        title: Side
        seller: {name: Side Ltd, country: IN, region: MH}
        products: {side: {title: Side}}
        plans:
          side: {product: side, title: Side, prices: {INR: {monthly: 100}}}
          deal: {product: side, title: Deal, prices: {INR: {monthly: 3}}, tenants: [%s]}
        coupons: {HALF: {title: Half, percent: 50}}
        """
            .formatted(VICTIM));
    for (String tenant : List.of(VICTIM, INTRUDER)) {
      String clock = house.clock("2026-01-31T00:00:00Z");
      house.tenant(tenant, clock);
      house.post("/api/billing/tenants/" + tenant + "/keys", "{\"name\": \"live\"}");
      furnish(tenant, clock);
    }
    api.asTenant(VICTIM);
  }

  /**
   * Something in every room: paid, unpaid, credited, refunded, scheduled, overridden, set aside.
   */
  private static void furnish(String tenant, String clock) {
    String subscription =
        house.subscribe(
            """
            {"tenant": "%s", "catalog": "gaudaan", "plan": "premium", "cycle": "monthly",
             "addOns": [{"addOn": "extra-admin-seats", "quantity": 2}]}
            """
                .formatted(tenant));
    house.subscribe(
        "{\"tenant\": \"%s\", \"catalog\": \"side\", \"plan\": \"side\", \"coupons\": [\"HALF\"]}"
            .formatted(tenant));
    house.post(
        "/api/billing/usage",
        "{\"tenant\": \"%s\", \"meter\": \"calls\", \"delta\": 5, \"id\": \"event-%s\"}"
            .formatted(tenant, tenant));
    house.advance(clock, "2026-02-01T00:00:00Z");
    JsonNode invoices = house.get("/api/billing/invoices?tenant=" + tenant).path("items");
    String invoice = invoices.get(0).path("id").asText();
    String payment =
        house.post("/api/billing/invoices/" + invoice + "/payments", "").path("id").asText();
    // What is credited can be given back once nothing else is open.
    for (JsonNode other : invoices) {
      String id = other.path("id").asText();
      if (!id.equals(invoice) && other.path("status").asText().equals("OPEN")) {
        house.post("/api/billing/invoices/" + id + "/payments", "");
      }
    }
    house.post(
        "/api/billing/invoices/" + invoice + "/deliveries",
        "{\"channel\": \"post\", \"recipient\": \"Street 1\", \"outcome\": \"DELIVERED\"}");
    assertThat(
            house
                .get("/api/billing/invoices/" + invoice + "/deliveries")
                .path("items")
                .get(0)
                .path("outcome")
                .asText())
        .isEqualTo("DELIVERED");
    house.post(
        "/api/billing/invoices/" + invoice + "/credit-notes",
        "{\"amount\": \"10.00\", \"reason\": \"goodwill\"}");
    house.post(
        "/api/billing/payments/" + payment + "/refunds",
        "{\"amount\": {\"amount\": \"10.00\", \"currency\": \"INR\"}}");
    house.post("/api/billing/subscriptions/" + subscription + "/change", "{\"plan\": \"starter\"}");
    house.post(
        "/api/billing/invoices",
        """
        {"subscription": "%s", "later": true,
         "lines": [{"description": "Training", "unitPrice": "750"}]}
        """
            .formatted(subscription));
    house.post(
        "/api/billing/tenants/" + tenant + "/overrides",
        "{\"kind\": \"FEATURE\", \"key\": \"sms\", \"enabled\": true, \"reason\": \"trial\"}");
    house.advance(clock, "2026-03-20T00:00:00Z");
    DB.db()
        .inTransaction(
            tx ->
                tx.execute(
                    "INSERT INTO agenda (tenant, kind, subject, due_at, error, set_aside_at)"
                        + " VALUES ($1, 'broken', $1, now(), 'by hand', now())",
                    tenant));
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  private static List<String> tables() {
    return DB.db()
        .inTransaction(
            tx ->
                tx.list(
                    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                        + " WHERE a.attname = 'tenant' AND NOT a.attisdropped AND c.relkind = 'r'"
                        + " AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname",
                    row -> row.text("relname")));
  }

  /** Every id of the victim's rows in any table, and what else names its things. */
  private static Set<String> victimIds() {
    Set<String> ids = new TreeSet<>();
    DB.db()
        .inTransaction(
            tx -> {
              for (String table : tables()) {
                ids.addAll(
                    tx.list(
                        "SELECT j.value FROM "
                            + table
                            + " t, jsonb_each_text(to_jsonb(t)) j WHERE t.tenant = $1"
                            + " AND (j.key IN ('id', 'invoice', 'subscription', 'subject',"
                            + " 'sha256', 'corrects', 'change'))"
                            + " AND j.value IS NOT NULL",
                        row -> row.text("value"),
                        VICTIM));
              }
              return true;
            });
    // Words such as a meter's key are everybody's; what is made for one tenant cannot be guessed.
    ids.removeIf(id -> !UNGUESSABLE.matcher(id).matches());
    return ids;
  }

  private static Map<String, String> victimRows() {
    Map<String, String> sums = new TreeMap<>();
    DB.db()
        .inTransaction(
            tx -> {
              for (String table : tables()) {
                sums.put(
                    table,
                    tx.one(
                        "SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|'"
                            + " ORDER BY t::text), '')) AS sum FROM "
                            + table
                            + " t WHERE tenant = $1",
                        row -> row.text("sum"),
                        VICTIM));
              }
              return true;
            });
    return sums;
  }

  @Test
  void everyRoute_aimedAtAnotherTenantsThings_givesAndChangesNothing() {
    Set<String> ids = victimIds();
    assertThat(ids).as("real things to aim at").hasSizeGreaterThan(20);
    Map<String, String> before = victimRows();
    TestApi.Caller intruder = api.asTenant(INTRUDER);
    Map<String, String> leaks = new LinkedHashMap<>();
    for (Route route : api.routes()) {
      if (route.path().endsWith("/changes") && route.method().equals("GET")) {
        continue; // A stream, for proxies alone: everyRoute_notForTenants_isForbidden has it.
      }
      for (String path : aimed(route.path(), ids)) {
        boolean reads = route.method().equals("GET");
        for (String more : reads ? List.of("", "?tenant=" + VICTIM) : BODIES) {
          Answer answer =
              intruder.send(
                  route.method(), reads ? path + more : path, reads ? "" : more, "If-Match", "*");
          if (tells(answer, path, ids)) {
            leaks.put(
                route.method() + " " + path + " " + more, answer.status() + " " + answer.text());
          }
        }
      }
    }
    assertThat(leaks).isEmpty();
    assertThat(victimRows()).as("the victim's rows").isEqualTo(before);
  }

  /** A success that names the victim or a thing of its that was not asked for, or a crash. */
  private static boolean tells(Answer answer, String path, Set<String> ids) {
    if (answer.status() >= 500) {
      return true;
    }
    if (answer.status() >= 300) {
      return false;
    }
    return answer.text().contains(VICTIM)
        || ids.stream().anyMatch(id -> !path.contains(id) && answer.text().contains(id));
  }

  /** The path with each of the victim's ids in its last brace; tenants' braces name the victim. */
  private static List<String> aimed(String template, Set<String> ids) {
    String path = template.replace("{tenant}", VICTIM);
    Matcher braces = BRACES.matcher(path);
    if (!braces.find()) {
      return List.of(path);
    }
    Set<String> paths = new LinkedHashSet<>();
    Map<String, Integer> ofAKind = new TreeMap<>();
    for (String id : ids) {
      if (ofAKind.merge(id.substring(0, 4), 1, Integer::sum) <= OF_A_KIND || !id.contains("_")) {
        paths.add(braces.replaceAll(Matcher.quoteReplacement(id)));
      }
    }
    return new ArrayList<>(paths);
  }

  @Test
  void planOfOneTenant_isPricedForItAlone() {
    String estimate = "/pricing/estimate?plan=deal";
    assertThat(api.asTenant(VICTIM).get(estimate).status()).isEqualTo(200);
    assertThat(api.asTenant(INTRUDER).get(estimate).status()).isEqualTo(422);
    assertThat(api.asTenant(INTRUDER).get("/api/billing/catalogs/side/newest").status())
        .isEqualTo(403);
  }

  @Test
  void everyRoute_notForTenants_isForbidden() {
    TestApi.Caller intruder = api.asTenant(INTRUDER);
    for (Route route : api.routes()) {
      if (!route.roles().contains(Role.TENANT) && !route.path().contains("/webhooks/")) {
        Answer answer =
            intruder.send(route.method(), BRACES.matcher(route.path()).replaceAll("x"), "");
        assertThat(answer.status()).as(route.name()).isEqualTo(403);
      }
    }
  }

  @Test
  void everyTable_withATenant_isGuardedAndShowsNothingOfOthers() {
    List<String> unguarded =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT relname FROM pg_class WHERE relname = ANY ($1)"
                            + " AND relnamespace = 'public'::regnamespace AND relkind = 'r'"
                            + " AND NOT (relrowsecurity AND relforcerowsecurity)",
                        row -> row.text("relname"),
                        (Object) tables().toArray(String[]::new)));
    assertThat(unguarded).as("tables without forced row-level security").isEmpty();
    int furnished = 0;
    for (String table : tables()) {
      String count = "SELECT count(*) AS n FROM " + table + " WHERE tenant = $1";
      long all = DB.db().inTransaction(tx -> tx.one(count, row -> row.whole("n"), VICTIM));
      long seen =
          DB.db().inTransaction(INTRUDER, tx -> tx.one(count, row -> row.whole("n"), VICTIM));
      furnished += all > 0 ? 1 : 0;
      assertThat(seen).as(table).isZero();
    }
    assertThat(furnished).as("tables with rows of the victim").isGreaterThan(18);
  }

  @Test
  void everyPlainRoute_refusesWhoHasNoToken() {
    for (Route route : api.routes()) {
      Answer answer =
          api.as("unknown").send(route.method(), BRACES.matcher(route.path()).replaceAll("x"), "");
      assertThat(answer.status()).as(route.name()).isIn(401, 400, 415);
    }
  }
}
