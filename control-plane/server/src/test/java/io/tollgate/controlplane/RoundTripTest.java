package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What one control plane exports another imports: from then on the copies are billed as the
 * originals are. Subscriptions of random plans, cycles, seats, coupons, with add-ons, changes that
 * wait, pauses and cancellations, moved in the middle of their periods with their usage.
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
      meters: {calls: {}, sms: {}}
      taxes: {rates: [{name: GST, percent: 18, country: IN}]}
      coupons:
        HALF: {percent: 50, periods: 3}
        TEN: {percent: 10}
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
          charges: {sms: {meter: sms, prices: {INR: {model: per-unit, unit-price: 0.25}}}}
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
      String coupons = List.of("", "\"HALF\"", "\"TEN\"").get(random.nextInt(3));
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
    here.advance(clock, DAYS.get(1));
    use(random, DAYS.get(1));
    here.advance(clock, DAYS.get(2));
    use(random, DAYS.get(2));
    for (int i = 0; i < TENANTS; i++) {
      command(subscriptions.get(i), i % 8);
    }
    here.advance(clock, MOVE.toString());
  }

  private static void use(Random random, String at) {
    for (int i = 0; i < TENANTS; i++) {
      for (String meter : List.of("calls", "sms")) {
        here.post(
            "/api/billing/usage",
            "{\"tenant\": \"%s\", \"meter\": \"%s\", \"delta\": %d, \"id\": \"%s-%s\"}"
                .formatted(tenant(i), meter, 1 + random.nextInt(300), at, meter));
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
    for (String table : List.of("tenants", "invoices", "subscriptions", "usage")) {
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
        whole.remove(List.of("id", "number", "settlement", "balance"));
        billed.add(whole.toString());
      }
    }
    return billed;
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
    }

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
    }
    assertThat(invoices).as("it is about something").isGreaterThan(TENANTS);
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
}
