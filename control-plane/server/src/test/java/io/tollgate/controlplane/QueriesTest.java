package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Query parameters whose values cannot be: 422, naming the parameter. */
class QueriesTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static WholeHouse house;

  @BeforeAll
  static void start() {
    house = new WholeHouse(DB);
    house.apply(
        """
        catalog: queries
        meters: {calls: {}}
        add-ons: {seat: {plans: all, prices: {INR: {monthly: 5}}}}
        plans:
          base:
            prices: {INR: {monthly: 30}}
            charges: {calls: {meter: calls, prices: {INR: {model: per-unit, unit-price: 1}}}}
        """);
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/pricing/estimate?plan=none, plan",
    "/pricing/estimate?plan=base&catalog=none, plan",
    "/pricing/estimate?plan=base&country=ZZZ, country",
    "/pricing/estimate?plan=base&country=in, country",
    "/pricing/estimate?plan=base&currency=XXX, currency",
    "/pricing/estimate?plan=base&cycle=never, cycle",
    "/pricing/estimate?plan=base&quantity=0, quantity",
    "/pricing/estimate?plan=base&quantity=x, quantity",
    "/pricing/estimate?plan=base&usage=-1, usage",
    "/pricing/estimate?plan=base&usage=none:1, usage",
    "/pricing/estimate?plan=base&addOns=none, addOns",
    "/pricing/estimate?plan=base&addOns=seat:0, addOns",
    "/api/billing/subscriptions?state=none, state",
    "/api/billing/invoices?status=none, status",
    "/api/billing/exports/tenants?format=xml, format",
  })
  void get_withAValueThatCannotBe_namesIt(String path, String field) {
    Answer answer = house.api.as("viewer").get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().path("errors").get(0).path("field").asText())
        .as(answer.text())
        .isEqualTo(field);
  }
}
