package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Route;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every route of the API that commands something, in a state in which it cannot be: 409, naming the
 * state and what is possible. The subscriptions' own commands in all their states are {@code
 * StateMatrixTest}'s.
 */
class CommandStatesTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String SUBSCRIPTIONS = "/api/billing/subscriptions";
  private static final String INVOICES = "/api/billing/invoices";

  /** Nothing they could be told has a state in which it would be refused. */
  private static final Set<String> STATELESS =
      Set.of(
          "/api/billing/catalogs",
          "/api/billing/catalogs/conversions",
          "/api/billing/catalogs/{name}/archive",
          "/api/billing/catalogs/{name}/migrate",
          "/api/billing/imports/{table}",
          "/api/billing/simulations/re-ratings",
          "/api/billing/tenants",
          "/api/billing/test-clocks",
          "/api/billing/tokens",
          "/api/billing/usage",
          "/api/billing/wallets",
          "/api/billing/wallets/{id}/grants",
          "/api/billing/wallets/{id}/top-ups",
          "/api/billing/agenda/set-aside/{id}/retry",
          "/api/billing/webhooks/stripe",
          "/api/billing/tenants/{tenant}/overrides",
          "/api/proxy/alerts",
          "/api/proxy/blocks",
          "/api/proxy/usage");

  /** Commands, by route, that come in a wrong state, with that state's word. */
  private static final Map<String, Wrong> WRONG = new LinkedHashMap<>();

  private static WholeHouse house;

  /**
   * A command that must be refused.
   *
   * @param path without the route's parameters
   * @param state the word of the answer
   */
  private record Wrong(String path, String body, String state, List<String> possible) {}

  @BeforeAll
  static void start() {
    house = new WholeHouse(DB);
    house.apply(
        """
        catalog: states
        policies: {draft-hours: 24, dunning: {steps: []}}
        coupons: {TEN: {percent: 10}}
        add-ons: {x: {plans: all, prices: {INR: {monthly: 5}}}}
        plans: {base: {prices: {INR: {monthly: 30}}}}
        """);
    String clock = house.clock("2026-03-01T05:00:00Z");
    house.tenant("living", clock);
    house.tenant("gone", clock);
    house.tenant("drafts", clock);
    house.tenant("payer", clock);
    String living = subscribe("living");
    String gone = subscribe("gone");
    subscribe("payer");
    house.advance(clock, "2026-03-03T05:00:00Z");
    String open = invoice("living");
    String paid = invoice("payer");
    String payment = house.post(INVOICES + "/" + paid + "/payments", "{}").path("id").asText();
    house.post(
        INVOICES + "/" + paid + "/credit-notes", "{\"reason\": \"test\", \"amount\": \"1.00\"}");
    String refund =
        house
            .post(
                "/api/billing/payments/" + payment + "/refunds",
                "{\"amount\": {\"amount\": \"1.00\", \"currency\": \"INR\"}}")
            .path("id")
            .asText();
    house.post(SUBSCRIPTIONS + "/" + gone + "/cancel", "{\"when\": \"now\"}");
    String voided = invoice("gone");
    house.post(INVOICES + "/" + voided + "/void", "{\"reason\": \"test\"}");
    house.tenant("left", clock);
    assertThat(house.api.as("admin").delete("/api/billing/tenants/left").status()).isEqualTo(204);
    subscribe("drafts");
    String draft = invoice("drafts");

    ofSubscriptions(living, gone);
    ofInvoices(open, paid, voided, draft);
    WRONG.put(
        "/api/billing/payments/{id}/refunds",
        new Wrong(
            "/api/billing/payments/" + refund + "/refunds",
            "{\"amount\": {\"amount\": \"1.00\", \"currency\": \"INR\"}}",
            "REFUND",
            List.of()));
    WRONG.put(
        "/api/billing/test-clocks/{id}/advance",
        new Wrong(
            "/api/billing/test-clocks/" + clock + "/advance",
            "{\"to\": \"2026-03-01T05:00:00Z\"}",
            "at rest",
            List.of("advance to a later instant")));
    WRONG.put(
        "/api/billing/tenants/{tenant}/keys",
        new Wrong("/api/billing/tenants/left/keys", "{\"name\": \"k\"}", "archived", List.of()));
  }

  private static void ofSubscriptions(String living, String gone) {
    List<String> active = List.of("change", "pause", "cancel", "migrate");
    List<String> cancelled = List.of("reactivate");
    WRONG.put(
        SUBSCRIPTIONS,
        new Wrong(SUBSCRIPTIONS, "{\"tenant\": \"living\", \"plan\": \"base\"}", "active", active));
    WRONG.put(
        INVOICES, new Wrong(INVOICES, "{\"subscription\": \"" + living + "\"}", "active", active));
    Map<String, String> commands =
        Map.of(
            "change", "{\"quantity\": 2}",
            "trial", "{\"ends\": \"now\"}",
            "add-ons", "{\"addOn\": \"x\"}",
            "migrate", "{}",
            "pause", "{}",
            "resume", "{}",
            "cancel", "{}",
            "undo-cancel", "{}",
            "preview", "{\"quantity\": 2}",
            "coupons", "{\"code\": \"TEN\"}");
    commands.forEach(
        (command, body) ->
            WRONG.put(
                SUBSCRIPTIONS + "/{id}/" + command,
                new Wrong(
                    SUBSCRIPTIONS + "/" + gone + "/" + command, body, "cancelled", cancelled)));
    WRONG.put(
        SUBSCRIPTIONS + "/{id}/reactivate",
        new Wrong(SUBSCRIPTIONS + "/" + living + "/reactivate", "{}", "active", active));
  }

  private static void ofInvoices(String open, String paid, String voided, String draft) {
    List<String> ofOpen =
        List.of("payments", "pay-from-wallet", "collect", "credit-notes", "void", "deliveries");
    List<String> ofPaid = List.of("credit-notes", "deliveries");
    refused("finalize", open, "{}", "OPEN", ofOpen);
    refused("payments", draft, "{}", "DRAFT", List.of("finalize"));
    refused("pay-from-wallet", paid, "{}", "PAID", ofPaid);
    refused("collect", paid, "{}", "PAID", ofPaid);
    refused("void", paid, "{\"reason\": \"test\"}", "PAID", ofPaid);
    refused(
        "credit-notes",
        voided,
        "{\"reason\": \"test\", \"amount\": \"1.00\"}",
        "VOID",
        List.of("deliveries"));
    refused(
        "deliveries",
        draft,
        "{\"channel\": \"post\", \"recipient\": \"x\"}",
        "DRAFT",
        List.of("finalize"));
  }

  private static void refused(
      String command, String invoice, String body, String state, List<String> possible) {
    WRONG.put(
        INVOICES + "/{id}/" + command,
        new Wrong(INVOICES + "/" + invoice + "/" + command, body, state, possible));
  }

  private static String subscribe(String tenant) {
    return house.subscribe("{\"tenant\": \"" + tenant + "\", \"plan\": \"base\"}");
  }

  private static String invoice(String tenant) {
    return house.get(INVOICES + "?tenant=" + tenant).path("items").get(0).path("id").asText();
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  static Set<String> wrong() {
    return WRONG.keySet();
  }

  @Test
  void everyCommand_isInTheTable() {
    Set<String> all =
        house.api.routes().stream()
            .filter(route -> route.method().equals("POST"))
            .map(Route::path)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> known = new TreeSet<>(STATELESS);
    known.addAll(WRONG.keySet());
    known.remove("/api/billing/webhooks/stripe"); // mounted where Stripe is configured
    assertThat(known).containsExactlyElementsOf(all);
  }

  @Test
  void everyRead_belowATenantThatIsNot_is404() {
    for (Route route : house.api.routes()) {
      boolean below = route.path().contains("/tenants/{tenant}");
      if (below && route.method().equals("GET")) {
        String token = route.roles().contains(Role.ADMIN) ? "admin" : "proxy";
        String path = route.path().replace("{tenant}", "nobody-here").replaceAll("[{][^}]*}", "x");
        Answer answer = house.api.as(token).get(path);
        assertThat(answer.status()).as(route.name() + " " + answer.text()).isEqualTo(404);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"usage?", "reconciliation?", "quota?key=calls&"})
  void read_ofATenantThatIsNot_is404(String what) {
    Answer answer = house.api.as("admin").get("/api/billing/" + what + "tenant=nobody-here");
    assertThat(answer.status()).as(answer.text()).isEqualTo(404);
  }

  @Test
  void token_ofATenantThatIsNot_is422() {
    Answer answer =
        house
            .api
            .as("admin")
            .post(
                "/api/billing/tokens",
                "{\"role\": \"TENANT\", \"name\": \"n\", \"tenant\": \"nobody-here\"}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo("tenant");
  }

  @Test
  void tenant_thatLives_isPutOnNoTestClock() {
    house.post(
        "/api/billing/tenants",
        "{\"id\": \"wall\", \"name\": \"Wall\", \"zone\": \"UTC\", \"currency\": \"INR\"}");
    subscribe("wall");
    String clock = house.clock("2026-03-01T05:00:00Z");
    Answer answer =
        house
            .api
            .as("admin")
            .put(
                "/api/billing/tenants/wall",
                "{\"name\": \"Wall\", \"zone\": \"UTC\", \"testClock\": \"" + clock + "\"}",
                "If-Match",
                "\"1\"");
    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    assertThat(answer.json().path("state").asText()).isEqualTo("live");
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void command_inAWrongState_names409TheStateAndWhatIsPossible(String route) {
    Wrong wrong = Objects.requireNonNull(WRONG.get(route));
    Answer answer = house.api.as("admin").post(wrong.path(), wrong.body());
    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    JsonNode problem = answer.json();
    assertThat(problem.path("state").asText()).as(answer.text()).isEqualTo(wrong.state());
    assertThat(problem.path("possible").isArray()).as(answer.text()).isTrue();
    List<String> possible = new ArrayList<>();
    problem.path("possible").forEach(word -> possible.add(word.asText()));
    assertThat(possible).containsExactlyInAnyOrderElementsOf(wrong.possible());
  }
}
