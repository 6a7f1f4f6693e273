package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import io.tollgate.controlplane.web.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one control plane exports another imports: from then on the copies are billed as the
 * originals are. Subscriptions of random plans, cycles, seats, coupons, with add-ons, changes that
 * wait, pauses and cancellations, moved in the middle of their periods with their usage, their
 * tenants' wallets, balances and charges that wait.
 */
class RoundTripTest {
  @RegisterExtension static final TestDatabase HERE = new TestDatabase();
  @RegisterExtension static final TestDatabase BY_CSV = new TestDatabase();
  @RegisterExtension static final TestDatabase BY_JSON = new TestDatabase();

  private static final int TENANTS = 24;
  private static final Instant MOVE = Instant.parse("2026-03-17T09:30:00Z");
  private static final List<String> DAYS =
      List.of("2026-01-31T05:00:00Z", "2026-02-10T05:00:00Z", "2026-03-10T05:00:00Z");
  private static final String CATALOG =
      """
      catalog: moved
      policies: {dunning: {steps: []}, cancellation: period-end}
      meters: {calls: {}, sms: {}, pay: {decimals: 2, transactions: true}}
      taxes: {rates: [{name: GST, percent: 18, country: IN}]}
      coupons:
        HALF: {percent: 50, periods: 3}
        TEN: {percent: 10}
        FIVE: {amount: {INR: 5}, periods: 4}
      add-ons:
        seat: {plans: all, prices: {INR: {monthly: 7, quarterly: 20}}}
        setup: {plans: all, one-off: {INR: 99}}
      plans:
        big:
          prices: {INR: {monthly: 100, quarterly: 270}}
          charges:
            calls:
              meter: calls
              prices:
                INR:
                  model: graduated
                  included: 20
                  tiers: [{up-to: 100, unit-price: 0.5}, {unit-price: 0.2}]
        small:
          prices: {INR: {monthly: 30, quarterly: 80}}
          charges: {calls: {meter: calls, prices: {INR: {model: per-unit, unit-price: 1}}}}
        later:
          billed: in-arrears
          prices: {INR: {monthly: 50, quarterly: 140}}
          charges:
            sms: {meter: sms, prices: {INR: {model: per-unit, unit-price: 0.25}}}
            pay: {meter: pay, prices: {INR: {model: percentage, percent: 1, fixed: 0.1, per: transaction, free-transactions: 2}}}
      """;

  private static WholeHouse here;
  private static WholeHouse byCsv;
  private static WholeHouse byJson;
  private static String clock;

  @BeforeAll
  static void start() {
    here = new WholeHouse(HERE);
    byCsv = new WholeHouse(BY_CSV);
    byJson = new WholeHouse(BY_JSON);
    List.of(here, byCsv, byJson).forEach(house -> house.apply(CATALOG));
    clock = here.clock(DAYS.getFirst());
  }

  @AfterAll
  static void stop() {
    List.of(here, byCsv, byJson).forEach(WholeHouse::close);
  }

  private static String tenant(int number) {
    return "mover-" + number;
  }

  private static void live(Random random) {
    List<String> subscriptions = new ArrayList<>();
    for (int i = 0; i < TENANTS; i++) {
      here.tenant(tenant(i), clock);
    }
    for (int i = 0; i < TENANTS; i++) {
      String coupons = List.of("", "\"HALF\"", "\"TEN\"", "\"FIVE\"").get(random.nextInt(4));
      subscriptions.add(
          here.subscribe(
              """
              {"tenant": "%s", "plan": "%s", "cycle": "%s", "quantity": %d, "coupons": [%s],
               "addOns": [{"addOn": "seat", "quantity": %d}]}
              """
                  .formatted(
                      tenant(i),
                      List.of("big", "small", "later").get(random.nextInt(3)),
                      random.nextInt(4) == 0 ? "quarterly" : "monthly",
                      1 + random.nextInt(3),
                      coupons,
                      1 + random.nextInt(4))));
    }
    for (int i = 0; i < TENANTS; i++) {
      fill(random, tenant(i), subscriptions.get(i));
    }
    here.advance(clock, DAYS.get(1));
    use(here, random, DAYS.get(1));
    here.advance(clock, DAYS.get(2));
    use(here, random, DAYS.get(2));
    List<String> sums = new ArrayList<>();
    for (int i = 0; i < TENANTS; i++) {
      sums.add(
          "{\"tenant\": \"%s\", \"meter\": \"pay\", \"delta\": %d, \"transaction\": false}"
              .formatted(tenant(i), 1 + random.nextInt(5_000)));
    }
    Answer counted =
        here.api
            .as("operator")
            .post(
                "/api/billing/imports/usage", sums.toString(), "Content-Type", "application/json");
    assertThat(counted.status()).as(counted.text()).isEqualTo(200);
    for (int i = 0; i < TENANTS; i++) {
      command(subscriptions.get(i), i % 8);
    }
    here.advance(clock, MOVE.toString());
  }

  /** Units and money paid ahead, with and without an end, a surplus, and a charge that waits. */
  private static void fill(Random random, String tenant, String subscription) {
    List<String> ends = List.of("null", "\"2026-03-12T05:00:00Z\"", "\"2026-04-02T05:00:00Z\"");
    for (String asset : List.of("meter\": \"calls", "meter\": \"sms", "currency\": \"INR")) {
      if (random.nextInt(3) > 0) {
        String wallet =
            here.post(
                    "/api/billing/wallets",
                    "{\"tenant\": \"%s\", \"%s\", \"alertBelow\": 20}".formatted(tenant, asset))
                .path("id")
                .asText();
        for (int credit = 0; credit <= random.nextInt(3); credit++) {
          here.post(
              "/api/billing/wallets/" + wallet + "/grants",
              "{\"amount\": %d, \"priority\": %d, \"expiresAt\": %s}"
                  .formatted(
                      10 + random.nextInt(200), random.nextInt(3), ends.get(random.nextInt(3))));
        }
      }
    }
    if (random.nextInt(2) == 0) {
      here.post(
          "/api/billing/invoices",
          """
          {"subscription": "%s", "later": true,
           "lines": [{"description": "work", "quantity": 2, "unitPrice": "12.345"}]}
          """
              .formatted(subscription));
    }
    JsonNode open = here.get("/api/billing/invoices?tenant=" + tenant).path("items").path(0);
    if (random.nextInt(2) == 0 && open.path("status").asText().equals("OPEN")) {
      here.post(
          "/api/billing/invoices/" + open.path("id").asText() + "/payments",
          "{\"amount\": {\"amount\": \"5000.00\", \"currency\": \"INR\"}}");
    }
  }

  private static void use(WholeHouse house, Random random, String at) {
    for (int i = 0; i < TENANTS; i++) {
      for (String meter : List.of("calls", "sms")) {
        house.post(
            "/api/billing/usage",
            "{\"tenant\": \"%s\", \"meter\": \"%s\", \"delta\": %d, \"id\": \"%s-%s\"}"
                .formatted(tenant(i), meter, 1 + random.nextInt(300), at, meter));
      }
      for (int each = 0; each < 1 + random.nextInt(4); each++) {
        house.post(
            "/api/billing/usage",
            "{\"tenant\": \"%s\", \"meter\": \"pay\", \"delta\": %d, \"id\": \"%s-pay-%d\"}"
                .formatted(tenant(i), 100 + random.nextInt(30_000), at, each));
      }
    }
  }

  /** What is different about some of them when they are moved. */
  private static void command(String subscription, int kind) {
    String path = "/api/billing/subscriptions/" + subscription;
    switch (kind) {
      case 1 -> here.post(path + "/pause", "{}");
      case 2 -> here.post(path + "/pause", "{\"resumesAt\": \"2026-04-20T05:00:00Z\"}");
      case 3 -> here.post(path + "/cancel", "{\"when\": \"period-end\"}");
      case 4 -> {
        String other = here.get(path).path("plan").asText().equals("small") ? "big" : "small";
        here.post(path + "/change", "{\"plan\": \"" + other + "\", \"when\": \"period-end\"}");
      }
      case 5 -> here.post(path + "/add-ons", "{\"addOn\": \"setup\", \"quantity\": 1}");
      case 6 -> here.post(path + "/cancel", "{\"when\": \"now\"}");
      default -> {
        // Runs on as it is.
      }
    }
  }

  private static String exported(String table, String format) {
    Answer out = here.api.as("viewer").get("/api/billing/exports/" + table + "?format=" + format);
    assertThat(out.status()).isEqualTo(200);
    return out.text();
  }

  private static String moveTo(WholeHouse there, String format) {
    String theirClock = there.clock(MOVE.toString());
    String type = format.equals("csv") ? "text/csv" : "application/json";
    for (String table : List.of("tenants", "invoices", "subscriptions", "usage", "accounts")) {
      Answer in =
          there
              .api
              .as("operator")
              .post(
                  "/api/billing/imports/" + table,
                  exported(table, format).replace(clock, theirClock),
                  "Content-Type",
                  type);
      assertThat(in.status()).as(table + " " + in.text()).isEqualTo(200);
    }
    return theirClock;
  }

  /** What was billed since the move, without the names that only one side has. */
  private static List<String> billed(WholeHouse house, String tenant) {
    List<String> billed = new ArrayList<>();
    for (JsonNode each :
        house.get("/api/billing/invoices?limit=100&tenant=" + tenant).path("items")) {
      if (Instant.parse(each.path("issuedAt").asText()).isAfter(MOVE)) {
        ObjectNode whole =
            (ObjectNode) house.get("/api/billing/invoices/" + each.path("id").asText());
        whole.remove(List.of("id", "number"));
        billed.add(whole.toString());
      }
    }
    return billed;
  }

  /** The answer to charges that were brought, without the wallets and balances beside them. */
  private static int chargesAgain(WholeHouse there) {
    ArrayNode rows = Wire.mapper().createArrayNode();
    for (JsonNode row : Wire.tree(exported("accounts", "json"))) {
      if (!row.path("charges").isEmpty()) {
        rows.add(((ObjectNode) row).without(List.of("balances", "wallets")));
      }
    }
    assertThat(rows).isNotEmpty();
    return there
        .api
        .as("operator")
        .post("/api/billing/imports/accounts", rows.toString(), "Content-Type", "application/json")
        .status();
  }

  /** What a tenant has, as it would move on. */
  private static String account(WholeHouse house, String tenant) {
    Answer out =
        house.api.as("viewer").get("/api/billing/exports/accounts?format=json&tenant=" + tenant);
    return out.text();
  }

  private static JsonNode standing(WholeHouse house, String tenant) {
    return house.get("/api/billing/subscriptions?tenant=" + tenant).path("items");
  }

  @Test
  void subscriptions_movedElsewhere_areBilledOnAsTheOriginals() {
    live(new Random(20260317));
    String csvClock = moveTo(byCsv, "csv");
    String jsonClock = moveTo(byJson, "json");
    for (int i = 0; i < TENANTS; i++) {
      assertThat(standing(byCsv, tenant(i))).as(tenant(i)).isEqualTo(standing(here, tenant(i)));
      assertThat(account(byCsv, tenant(i))).as(tenant(i)).isEqualTo(account(here, tenant(i)));
      assertThat(account(byJson, tenant(i))).as(tenant(i)).isEqualTo(account(here, tenant(i)));
    }
    assertThat(chargesAgain(byCsv)).isEqualTo(422);
    assertThat(exported("accounts", "json"))
        .contains("balances", "charges", "INR", "sms", "drawn", "forfeited", "alertBelow");
    String later = MOVE.plus(Duration.ofDays(12)).toString();
    Map<WholeHouse, String> all = Map.of(here, clock, byCsv, csvClock, byJson, jsonClock);
    all.forEach(
        (house, itsClock) -> {
          house.advance(itsClock, later);
          use(house, new Random(20260329), later);
        });

    String end = MOVE.plus(Duration.ofDays(110)).toString();
    here.advance(clock, end);
    byCsv.advance(csvClock, end);
    byJson.advance(jsonClock, end);
    int invoices = 0;
    for (int i = 0; i < TENANTS; i++) {
      List<String> original = billed(here, tenant(i));
      invoices += original.size();
      assertThat(billed(byCsv, tenant(i))).as("by CSV " + tenant(i)).isEqualTo(original);
      assertThat(billed(byJson, tenant(i))).as("by JSON " + tenant(i)).isEqualTo(original);
      assertThat(account(byCsv, tenant(i))).as(tenant(i)).isEqualTo(account(here, tenant(i)));
    }
    assertThat(invoices).as("it is about something").isGreaterThan(TENANTS);
  }

  /** In their order, which says which of them are free, over more pages than one. */
  @Test
  void transactions_ofOneHour_areRowsOfTheirOwn() {
    here.tenant("busy", clock);
    ArrayNode rows = Wire.mapper().createArrayNode();
    for (int i = 1; i <= 1_203; i++) {
      rows.addObject().put("tenant", "busy").put("meter", "pay").put("delta", i);
    }
    rows.addObject()
        .put("tenant", "busy")
        .put("meter", "pay")
        .put("delta", 7)
        .put("transaction", false);
    Answer in =
        here.api
            .as("operator")
            .post(
                "/api/billing/imports/usage", rows.toString(), "Content-Type", "application/json");
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    JsonNode out =
        here.api.as("viewer").get("/api/billing/exports/usage?format=json&tenant=busy").json();
    assertThat(out).hasSize(1_204);
    assertThat(out.path(0).path("delta").asInt()).isEqualTo(7);
    assertThat(out.path(0).path("transaction").asBoolean()).isFalse();
    Set<String> ids = new HashSet<>();
    for (int i = 1; i <= 1_203; i++) {
      assertThat(out.path(i).path("delta").asInt()).isEqualTo(i);
      assertThat(out.path(i).path("transaction").asBoolean()).isTrue();
      ids.add(out.path(i).path("id").asText());
    }
    assertThat(ids).hasSize(1_203);
  }

  @Test
  void asItStands_thatCannotBe_isRefusedWithItsField() {
    for (String whole :
        List.of(
            "{}", "{\"subscription\": 1}", "{\"subscription\": {\"id\": \"sub_1\"}}", "\"text\"")) {
      here.tenant("broken-" + whole.length(), clock);
      Answer refused =
          here.api
              .as("operator")
              .post(
                  "/api/billing/imports/subscriptions",
                  "[{\"tenant\": \"broken-%d\", \"catalog\": \"moved\", \"asItStands\": %s}]"
                      .formatted(whole.length(), whole),
                  "Content-Type",
                  "application/json");
      assertThat(refused.status()).as(refused.text()).isEqualTo(422);
      assertThat(refused.json().path("errors").get(0).path("field").asText())
          .isEqualTo("asItStands");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"amount", "remaining", "drawn", "forfeited"})
  void wallet_ofPartsOfACent_isRefusedWithItsField(String field) {
    here.tenant("cents-" + field, clock);
    String amounts = "amount".equals(field) ? "" : "\"amount\": \"10.00\", ";
    Answer refused =
        here.api
            .as("operator")
            .post(
                "/api/billing/imports/accounts",
                """
                [{"tenant": "cents-%s", "wallets": [{"currency": "INR", "credits": [{%s"%s": "1.005",
                  "source": "GRANT", "origin": "dep_1", "createdAt": "2026-01-01T00:00:00Z"}]}]}]
                """
                    .formatted(field, amounts, field),
                "Content-Type",
                "application/json");
    assertThat(refused.status()).as(refused.text()).isEqualTo(422);
    assertThat(refused.json().path("errors").get(0).path("field").asText())
        .as(refused.text())
        .endsWith("credits[0]." + field);
  }
}
