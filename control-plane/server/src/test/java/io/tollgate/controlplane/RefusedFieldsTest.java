package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused is named as the caller wrote it, by the command as by its preview. */
class RefusedFieldsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String SUBSCRIPTIONS = "/api/billing/subscriptions";

  private static WholeHouse house;
  private static String subscription;

  @BeforeAll
  static void start() {
    house = new WholeHouse(DB);
    house.apply(
        """
        catalog: refused
        policies: {changes: {fewer-units: forbidden, shorter-cycle: forbidden, downgrade: forbidden}}
        add-ons:
          seat: {plans: [base, small], prices: {INR: {monthly: 5}}}
          dear: {plans: [dollars], prices: {USD: {monthly: 5}}}
        plans:
          base: {rank: 2, prices: {INR: {monthly: 30, yearly: 300}}}
          small: {rank: 1, prices: {INR: {monthly: 10}}}
          years: {rank: 3, prices: {INR: {yearly: 500}}}
          dollars: {rank: 3, prices: {USD: {monthly: 50}}}
        """);
    house.tenant("t", house.clock("2026-03-01T05:00:00Z"));
    subscription =
        SUBSCRIPTIONS
            + "/"
            + house.subscribe("{\"tenant\": \"t\", \"plan\": \"base\", \"quantity\": 3}");
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"quantity": 2}                         | quantity
          {"quantity": 3}                         | quantity
          {"cycle": "monthly"}                    | cycle
          {"cycle": "weekly"}                     | cycle
          {"plan": "small"}                       | plan
          {"plan": "years"}                       | plan
          {"plan": "dollars"}                     | plan
          {"plan": "none"}                        | plan
          {"plan": "years", "cycle": "monthly"}   | cycle
          {"price": "-1"}                         | price
          {"quantity": 4, "when": "never"}        | when
          {"quantity": 4, "when": "forbidden"}    | when
          """)
  void change_thatIsRefused_namesWhatWasWritten(String body, String field) {
    for (String command : List.of("/change", "/preview")) {
      assertThat(refused(subscription + command, body)).as(command).isEqualTo(field);
    }
  }

  @Test
  void unknownWord_isRefusedWithThoseThatAreTaken() {
    Answer answer =
        house
            .api
            .as("admin")
            .post(subscription + "/change", "{\"quantity\": 4, \"when\": \"soon\"}");
    assertThat(answer.json().path("detail").asText())
        .isEqualTo("when: one of NOW, PERIOD_END is expected, not 'soon'");
  }

  @Test
  void addOn_withoutAQuantity_isPreviewedAsOneMore() {
    String body = "{\"addOn\": \"seat\"}";
    Answer seen = house.api.as("admin").post(subscription + "/preview", body);
    assertThat(seen.status()).as(seen.text()).isEqualTo(200);
    assertThat(seen.json().at("/invoices/0/total").asText()).isEqualTo("5.00");
  }

  @Test
  void mistake_inAList_isNamedWithItsPlace() {
    String order = "{\"tenant\": \"t\", \"plan\": \"base\", \"addOns\": [%s]%s}";
    String seat = "{\"addOn\": \"seat\"}";
    assertThat(refused(SUBSCRIPTIONS, order.formatted(seat + ", {\"addOn\": \"none\"}", "")))
        .isEqualTo("addOns[1].addOn");
    assertThat(refused(SUBSCRIPTIONS, order.formatted(seat + ", {\"addOn\": \"dear\"}", "")))
        .isEqualTo("addOns[1].addOn");
    assertThat(refused(SUBSCRIPTIONS, order.formatted(seat, ", \"coupons\": [\"A\", 1]")))
        .isEqualTo("coupons[1]");
    String line = "{\"description\": \"a\", \"unitPrice\": 1}";
    assertThat(
            refused(
                "/api/billing/invoices",
                "{\"subscription\": \"%s\", \"lines\": [%s, {\"description\": \"b\", \"unitPrice\": 1, \"quantity\": -1}]}"
                    .formatted(subscription.substring(SUBSCRIPTIONS.length() + 1), line)))
        .isEqualTo("lines[1].quantity");
  }

  private static String refused(String path, String body) {
    Answer answer = house.api.as("admin").post(path, body);
    assertThat(answer.status()).as(body + " " + answer.text()).isEqualTo(422);
    return answer.json().at("/errors/0/field").asText();
  }
}
