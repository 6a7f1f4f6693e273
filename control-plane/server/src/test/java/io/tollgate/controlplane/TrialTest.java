package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Trials that end otherwise than they would, over HTTP: looked at first, then done. */
class TrialTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private WholeHouse house;
  private String tenant;
  private String subscription;

  @BeforeEach
  void begin(TestInfo test) {
    tenant =
        test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT).replace('_', '-');
    house = new WholeHouse(DB);
    house.apply(
        """
        catalog: trials
        plans:
          standard: {rank: 1, trial-days: 30, prices: {INR: {monthly: 100}}}
          sports: {rank: 2, prices: {INR: {monthly: 500}}}
        """);
    house.tenant(tenant, house.clock("2021-09-29T00:00:00Z"));
    subscription =
        "/api/billing/subscriptions/"
            + house.subscribe("{\"tenant\": \"" + tenant + "\", \"plan\": \"standard\"}");
  }

  @AfterEach
  void end() {
    house.close();
  }

  @Test
  void change_thatEndsTheTrial_billsTheNewPlanAtOnce() {
    String change = "{\"plan\": \"sports\", \"trial\": \"end\"}";
    JsonNode seen = house.post(subscription + "/preview", change);
    assertThat(totals(seen.path("invoices"))).containsExactly("500.00");
    assertThat(invoiced()).isEmpty();
    JsonNode after = house.post(subscription + "/change", change);
    assertThat(after.path("state").asText()).isEqualTo("active");
    assertThat(after.path("plan").asText()).isEqualTo("sports");
    assertThat(invoiced()).containsExactly("500.00");
  }

  @Test
  void change_thatKeepsTheTrial_billsNothing() {
    house.post(subscription + "/change", "{\"plan\": \"sports\", \"trial\": \"keep\"}");
    assertThat(house.get(subscription).path("state").asText()).isEqualTo("trial");
    assertThat(invoiced()).isEmpty();
  }

  @Test
  void change_thatWaitsAndEndsTheTrial_is422() {
    Answer refused =
        house
            .api
            .as("admin")
            .post(
                subscription + "/change",
                "{\"plan\": \"sports\", \"when\": \"period-end\", \"trial\": \"end\"}");
    assertThat(refused.status()).as(refused.text()).isEqualTo(422);
    assertThat(refused.json().path("errors").path(0).path("field").asText()).isEqualTo("trial");
  }

  @Test
  void trial_thatEndsNowOrLater_billsItsFirstPeriodThen() {
    JsonNode later = house.post(subscription + "/preview", "{\"ends\": \"2021-12-01T00:00:00Z\"}");
    assertThat(later.path("effectiveAt").asText()).isEqualTo("2021-12-01T00:00:00Z");
    assertThat(totals(later.path("invoices"))).containsExactly("100.00");
    JsonNode now = house.post(subscription + "/preview", "{\"ends\": \"now\"}");
    assertThat(totals(now.path("invoices"))).containsExactly("100.00");
    assertThat(invoiced()).isEmpty();
    house.post(subscription + "/trial", "{\"ends\": \"now\"}");
    assertThat(invoiced()).containsExactly("100.00");
    List<String> commands = new ArrayList<>();
    house
        .get(subscription + "/revisions")
        .path("items")
        .forEach(step -> commands.add(step.path("command").asText()));
    assertThat(commands).containsExactly("start", "end-trial");
  }

  private List<String> invoiced() {
    return totals(house.get("/api/billing/invoices?tenant=" + tenant).path("items"));
  }

  private static List<String> totals(JsonNode invoices) {
    List<String> totals = new ArrayList<>();
    invoices.forEach(invoice -> totals.add(invoice.path("total").asText()));
    return totals;
  }
}
