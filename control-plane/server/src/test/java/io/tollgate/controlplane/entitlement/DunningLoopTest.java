package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.payment.CollectionOrder;
import io.tollgate.controlplane.payment.CustomerResult;
import io.tollgate.controlplane.payment.Payer;
import io.tollgate.controlplane.payment.PaymentProvider;
import io.tollgate.controlplane.payment.PaymentResult;
import io.tollgate.controlplane.payment.RefundOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Document 002's days, from an unpaid invoice to what the proxies are told. */
class DunningLoopTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final LocalDate FIRST = LocalDate.parse("2026-03-01");

  private static final List<CollectionOrder> ASKED = new ArrayList<>();
  private static boolean outage;
  private static boolean cardWorks;
  private static TestHouse house;
  private String tenant = "";
  private String subscription = "";
  private String invoice = "";

  /** A card that is refused until it works. */
  private static final class Card implements PaymentProvider {
    @Override
    public String name() {
      return "card";
    }

    @Override
    public CustomerResult ensureCustomer(Payer payer, String idempotencyKey) {
      return new CustomerResult.Ready("cus");
    }

    @Override
    public PaymentResult collect(CollectionOrder order) {
      ASKED.add(order);
      if (outage) {
        return new PaymentResult.Unavailable(null, "down");
      }
      return cardWorks
          ? new PaymentResult.Settled("paid:" + order.invoice(), order.amount())
          : new PaymentResult.Declined(null, "card_declined", "Your card was declined.");
    }

    @Override
    public PaymentResult refund(RefundOrder order) {
      throw new AssertionError();
    }

    @Override
    public PaymentResult find(String reference) {
      throw new AssertionError();
    }
  }

  @BeforeAll
  static void start() {
    house = new TestHouse(DB, new Card());
  }

  @BeforeEach
  void subscribe() {
    ASKED.clear();
    outage = false;
    cardWorks = false;
    tenant = house.tenant(day(1).plusSeconds(3600 * 5));
    subscription = house.subscribe(tenant, "standard", Map.of());
    invoice = house.invoice(tenant, subscription, "2499.00");
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  @Test
  void unpaidInvoice_walksDocument002AndAPaymentOpensEverythingAtOnce() {
    expect(6, BillingState.ACTIVE, Access.FULL, 0);
    expect(7, BillingState.PAST_DUE, Access.FULL, 1);
    expect(8, BillingState.GRACE, Access.FULL, 1);
    expect(12, BillingState.GRACE, Access.FULL, 2);
    expect(15, BillingState.READ_ONLY, Access.READ_ONLY, 3);
    assertThat(proxySees().plan()).isEqualTo("standard");
    expect(22, BillingState.SUSPENDED, Access.NONE, 3);
    assertThat(proxySees().plan()).isEmpty();

    assertThat(
            house
                .api
                .as("operator")
                .post("/api/billing/invoices/" + invoice + "/payments", "")
                .status())
        .isEqualTo(201);
    house.outbox.drain();
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.ACTIVE);
    assertThat(proxySees().plan()).isEqualTo("standard");
    assertThat(history())
        .containsExactly("ACTIVE", "SUSPENDED", "READ_ONLY", "GRACE", "PAST_DUE", "ACTIVE");
  }

  @Test
  void retry_onDay15_paysAndOpens() {
    house.advance(tenant, day(13));
    cardWorks = true;
    house.advance(tenant, day(15));
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.ACTIVE);
    assertThat(ASKED).hasSize(3);
    house.advance(tenant, day(30));
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.ACTIVE);
    assertThat(ASKED).hasSize(3);
  }

  @Test
  void outage_isTriedAgainEachHourAndIsNoDecline() {
    outage = true;
    house.advance(tenant, day(7).plusSeconds(3600 * 3));
    assertThat(ASKED).hasSize(4);
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.ACTIVE);
    outage = false;
    cardWorks = true;
    house.advance(tenant, day(7).plusSeconds(3600 * 4));
    assertThat(ASKED).hasSize(5);
    assertThat(standing().path("unpaid")).isEmpty();
  }

  @Test
  void ninetyDaysSuspended_endsTheSubscriptionForGood() {
    house.advance(tenant, day(111));
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.SUSPENDED);
    house.advance(tenant, day(112));
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.TERMINATED);
    house.api.as("operator").post("/api/billing/invoices/" + invoice + "/payments", "");
    house.outbox.drain();
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.TERMINATED);
  }

  @Test
  void standing_route_namesInvoiceDayAndNextStep() {
    house.advance(tenant, day(9));
    JsonNode unpaid = standing().path("unpaid").get(0);
    assertThat(unpaid.path("day").asInt()).isEqualTo(9);
    assertThat(unpaid.path("declined").asInt()).isEqualTo(1);
    assertThat(unpaid.path("next").path("day").asInt()).isEqualTo(12);
    assertThat(Instant.parse(unpaid.path("next").path("at").asText())).isEqualTo(day(12));
    JsonNode grace =
        house.api.as("viewer").get("/api/billing/dunning?state=grace").json().path("items");
    assertThat(grace.findValuesAsText("tenant")).contains(tenant);
    assertThat(
            house
                .api
                .asTenant("house-stranger")
                .get("/api/billing/tenants/" + tenant + "/standing")
                .status())
        .isEqualTo(403);
  }

  @Test
  void voidedInvoice_restoresTheTenant() {
    house.advance(tenant, day(22));
    DB.db()
        .inTransaction(
            tx -> house.invoices.makeVoid(tx, invoice, "a mistake", house.clocks.now(tx, tenant)));
    house.outbox.drain();
    assertThat(proxySees().standing().state()).isEqualTo(BillingState.ACTIVE);
  }

  private void expect(int day, BillingState state, Access access, int attempts) {
    house.advance(tenant, day(day));
    Entitlements seen = proxySees();
    assertThat(seen.standing().state()).as("day " + day).isEqualTo(state);
    assertThat(seen.standing().access()).as("day " + day).isEqualTo(access);
    assertThat(seen.frozenAt()).as("day " + day).isEqualTo(day(day));
    assertThat(ASKED).as("day " + day).hasSize(attempts);
  }

  private Entitlements proxySees() {
    return house.seen(tenant);
  }

  private JsonNode standing() {
    return house.api.as("viewer").get("/api/billing/tenants/" + tenant + "/standing").json();
  }

  private List<String> history() {
    List<String> states = new ArrayList<>();
    house
        .api
        .as("viewer")
        .get("/api/billing/tenants/" + tenant + "/standing/history")
        .json()
        .path("items")
        .forEach(item -> states.add(item.path("standing").path("state").asText()));
    return states;
  }

  /** The start of a day of the invoice's life in the tenant's zone. */
  private static Instant day(int day) {
    return FIRST.plusDays(day - 1L).atStartOfDay(TestHouse.INDIA).toInstant();
  }
}
