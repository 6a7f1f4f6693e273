package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** History re-rated under a draft catalog, over HTTP. */
class ReratingTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String CATALOG =
      """
      catalog: shop
      title: Shop
      seller: {name: Shop Ltd, country: IN, region: MH}
      taxes:
        inclusive: false
        rates: [{name: GST, country: IN, percent: 18, split: india-gst}]
      products: {api: {title: API}}
      meters: {calls: {title: API calls, unit: call}}
      plans:
        basic:
          product: api
          title: Basic
          prices: {INR: {monthly: 1000}}
          charges:
            calls:
              title: API calls
              meter: calls
              prices:
                INR:
                  model: graduated
                  tiers: [{up-to: 100, unit-price: 1}, {above: 100, unit-price: 0.5}]
        plus: {product: api, title: Plus, prices: {INR: {monthly: 3000}}}
        rare: {product: api, title: Rare, prices: {INR: {monthly: 500}}}
      add-ons:
        seats: {title: Seats, unit: seat, plans: [basic, plus, rare], prices: {INR: {monthly: 100}}}
        export: {title: Export, plans: [basic, plus, rare], one-off: {INR: 199}}
      coupons:
        TEN: {title: Ten per cent off, percent: 10}
      """;

  private static WholeHouse house;

  /** Ten on Basic with seats, usage and a coupon; one changes plan inside a period; one is Rare. */
  @BeforeAll
  static void live() {
    house = new WholeHouse(DB);
    house.apply(CATALOG);
    String clock = house.clock("2026-01-10T00:00:00Z");
    List<String> subscriptions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      house.tenant("s" + i, clock);
      subscriptions.add(
          house.subscribe(
              """
              {"tenant": "s%d", "catalog": "shop", "plan": "%s", "cycle": "monthly",
               "addOns": [{"addOn": "seats", "quantity": %d}]%s}
              """
                  .formatted(
                      i,
                      i == 11 ? "rare" : "basic",
                      i + 1,
                      i % 2 == 0 ? ", \"coupons\": [\"TEN\"]" : "")));
      house.post(
          "/api/billing/usage",
          "{\"tenant\": \"s%d\", \"meter\": \"calls\", \"delta\": %d}".formatted(i, 90 + 10 * i));
    }
    house.advance(clock, "2026-01-20T00:00:00Z");
    house.post(
        "/api/billing/subscriptions/" + subscriptions.get(3) + "/change",
        "{\"plan\": \"plus\"}",
        "If-Match",
        "*");
    house.post(
        "/api/billing/subscriptions/" + subscriptions.get(4) + "/add-ons",
        "{\"addOn\": \"export\", \"quantity\": 1}",
        "If-Match",
        "*");
    house.post(
        "/api/billing/invoices",
        """
        {"subscription": "%s", "later": true,
         "lines": [{"description": "Training", "unitPrice": "750"}]}
        """
            .formatted(subscriptions.get(5)));
    house.advance(clock, "2026-03-11T00:00:00Z");
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  private static JsonNode rerate(String catalog, int invoices) {
    return house
        .post(
            "/api/billing/simulations/re-ratings?invoices=" + invoices,
            catalog,
            "Content-Type",
            "application/yaml")
        .path("result");
  }

  @Test
  void theCatalogItself_changesNothing() {
    JsonNode result = rerate(CATALOG, 24);
    JsonNode inr = result.path("currencies").get(0);
    assertThat(result.path("tenants").asInt()).isEqualTo(12);
    assertThat(result.path("unbillable")).isEmpty();
    assertThat(inr.path("mostChanged")).as(inr.toString()).isEmpty();
    assertThat(inr.path("difference").path("amount").asText()).isEqualTo("0.00");
    assertThat(inr.path("same").asInt()).isEqualTo(12);
    // Three periods each, and two changes that were billed at once.
    assertThat(result.path("invoices").asInt()).isEqualTo(38);
    assertThat(inr.path("before").path("amount").asText())
        .isEqualTo(inr.path("after").path("amount").asText());
  }

  @Test
  void aDearerSeat_saysForWhomByHowMuchAndWritesNothing() {
    List<String> before = everything();
    JsonNode result =
        rerate(
            CATALOG.replace(
                "rare], prices: {INR: {monthly: 100}}", "rare], prices: {INR: {monthly: 110}}"),
            1);
    JsonNode inr = result.path("currencies").get(0);
    assertThat(result.path("invoices").asInt()).isEqualTo(12);
    assertThat(inr.path("dearer").asInt()).isEqualTo(12);
    assertThat(inr.path("mostChanged")).hasSize(10);
    JsonNode most = inr.path("mostChanged").get(0);
    // Twelve seats at 10 more, with 18 % tax.
    assertThat(most.path("tenant").asText()).isEqualTo("s11");
    assertThat(most.path("difference").path("amount").asText()).isEqualTo("141.60");
    assertThat(most.path("invoices")).hasSize(1);
    assertThat(inr.path("mostChanged").get(1).path("difference").path("amount").asText())
        .isEqualTo("129.80");
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void aDearerPlan_creditsWhatItWouldHaveCharged() {
    JsonNode inr =
        rerate(CATALOG.replace("monthly: 1000", "monthly: 2000"), 24).path("currencies").get(0);
    assertThat(inr.path("cheaper").asInt()).isZero();
    assertThat(inr.path("dearer").asInt()).isEqualTo(11);
    // Ten pay 1,000 more three times, six of them 10 % less the first time, with 18 % tax:
    // 34,692.00. s3 left Basic on 20 January: 1,000 more, 21/31 of it back, 322.58; the taxes of
    // both credits are rounded: 243.87 - 121.94, so 58.07 more.
    assertThat(inr.path("difference").path("amount").asText()).isEqualTo("35072.65");
  }

  @Test
  void aPlanThatIsGone_isNamedAndNotInTheSums() {
    JsonNode result =
        rerate(
            CATALOG
                .replace("  rare: {product: api, title: Rare, prices: {INR: {monthly: 500}}}\n", "")
                .replace(", rare]", "]"),
            1);
    assertThat(result.path("unbillable")).hasSize(1);
    assertThat(result.path("unbillable").get(0).path("problem").asText())
        .isEqualTo("plan 'rare' is not in the catalog");
    assertThat(result.path("currencies").get(0).path("invoices").asInt()).isEqualTo(11);
  }

  @Test
  void aLongOne_isAskedForByItsId() throws InterruptedException {
    TestApi.Answer accepted =
        house
            .api
            .as("operator")
            .post(
                "/api/billing/simulations/re-ratings",
                CATALOG,
                "Content-Type",
                "application/yaml",
                "Prefer",
                "respond-async");
    assertThat(accepted.status()).as(accepted.text()).isIn(200, 202);
    String location = accepted.header("Location");
    JsonNode shown = house.get(location);
    while (shown.path("state").asText().equals("RUNNING")) {
      Thread.sleep(20);
      shown = house.get(location);
    }
    assertThat(shown.path("state").asText()).isEqualTo("DONE");
    assertThat(shown.path("tenantsDone").asInt()).isEqualTo(12);
  }

  @Test
  void aMistake_isRefusedWithItsLine() {
    TestApi.Answer answer =
        house
            .api
            .as("operator")
            .post(
                "/api/billing/simulations/re-ratings",
                CATALOG.replace("title: Basic", "titel: Basic"),
                "Content-Type",
                "application/yaml");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("errors").get(0).path("line").asInt()).isPositive();
    assertThat(
            house
                .api
                .as("operator")
                .post(
                    "/api/billing/simulations/re-ratings?invoices=0",
                    CATALOG,
                    "Content-Type",
                    "application/yaml")
                .status())
        .isEqualTo(422);
  }

  /** What every table of billing holds. */
  private static List<String> everything() {
    return DB.db()
        .inTransaction(
            tx ->
                List.of(
                        "invoices",
                        "invoice_lines",
                        "invoice_claims",
                        "invoice_series",
                        "invoice_one_offs",
                        "usage_billed",
                        "usage_hours",
                        "agenda",
                        "outbox")
                    .stream()
                    .map(
                        table ->
                            tx.one(
                                "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                                    + " AS sum FROM "
                                    + table
                                    + " t",
                                row -> table + " " + row.text("sum")))
                    .toList());
  }
}
