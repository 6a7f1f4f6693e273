package io.tollgate.controlplane.dunning;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.Dunning;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandingsTest {
  private static final LocalDate ISSUED = LocalDate.parse("2026-03-01");
  private static final SubscriptionState ACTIVE = new SubscriptionState.Active();
  private static final Instant THEN = Instant.parse("2026-03-01T00:00:00Z");

  /** Document 002's table, day by day. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, ACTIVE, FULL",
    "6, 0, ACTIVE, FULL",
    "7, 0, ACTIVE, FULL",
    "7, 1, PAST_DUE, FULL",
    "8, 0, GRACE, FULL",
    "12, 2, GRACE, FULL",
    "14, 2, GRACE, FULL",
    "15, 2, READ_ONLY, READ_ONLY",
    "21, 3, READ_ONLY, READ_ONLY",
    "22, 3, SUSPENDED, NONE",
    "111, 3, SUSPENDED, NONE",
    "112, 3, TERMINATED, NONE",
  })
  void derive_unpaidInvoice_followsDocument002(
      int day, int declined, BillingState state, Access access) {
    Standing standing = standing(List.of(subscription("sub_a", ACTIVE)), day, declined, "sub_a");
    assertThat(standing.state()).isEqualTo(state);
    assertThat(standing.access()).isEqualTo(access);
  }

  @Test
  void derive_overdue_namesTheInvoiceAndTheDays() {
    Standing standing = standing(List.of(subscription("sub_a", ACTIVE)), 8, 0, "sub_a");
    assertThat(standing.reason()).isEqualTo("invoice INV-2026-0248 is 1 day overdue");
  }

  @Test
  void derive_nothingUnpaid_isActive() {
    TenantStanding standing =
        Standings.derive(
            List.of(subscription("sub_a", ACTIVE)),
            List.of(),
            any -> Dunning.DOCUMENT_002,
            ISSUED.plusDays(400));
    assertThat(standing.standing().state()).isEqualTo(BillingState.ACTIVE);
  }

  /** killbill#1997: the subscription that is paid for a year stays, the other one is not served. */
  @Test
  void derive_oneOfTwoOverdue_blocksOnlyThatOne() {
    TenantStanding standing =
        derive(
            List.of(subscription("sub_a", ACTIVE), subscription("sub_b", ACTIVE)), 30, 3, "sub_b");
    assertThat(standing.standing().state()).isEqualTo(BillingState.ACTIVE);
    assertThat(standing.isServed("sub_a")).isTrue();
    assertThat(standing.isServed("sub_b")).isFalse();
  }

  @Test
  void derive_invoiceOfBoth_blocksBoth() {
    List<Subscription> both = List.of(subscription("sub_a", ACTIVE), subscription("sub_b", ACTIVE));
    assertThat(standing(both, 22, 3, "sub_a", "sub_b").state()).isEqualTo(BillingState.SUSPENDED);
    assertThat(standing(both, 22, 3).state()).isEqualTo(BillingState.SUSPENDED);
  }

  @Test
  void derive_worstInvoiceOfASubscription_decides() {
    TenantStanding standing =
        Standings.derive(
            List.of(subscription("sub_a", ACTIVE)),
            List.of(
                new UnpaidInvoice("NEW", ISSUED.plusDays(20), List.of("sub_a"), 0),
                new UnpaidInvoice("OLD", ISSUED, List.of("sub_a"), 0)),
            any -> Dunning.DOCUMENT_002,
            ISSUED.plusDays(21));
    assertThat(standing.standing().state()).isEqualTo(BillingState.SUSPENDED);
    assertThat(standing.standing().reason()).contains("OLD");
  }

  @Test
  void derive_statesOfTheSubscriptionsOwnLife_areKept() {
    assertThat(own(new SubscriptionState.Trial(THEN)).state()).isEqualTo(BillingState.TRIAL);
    assertThat(own(new SubscriptionState.Paused(THEN, null)).state())
        .isEqualTo(BillingState.PAUSED);
    assertThat(own(new SubscriptionState.Cancelled(THEN)).access()).isEqualTo(Access.NONE);
    assertThat(own(new SubscriptionState.Expired(THEN)).state()).isEqualTo(BillingState.EXPIRED);
    assertThat(own(new SubscriptionState.Terminated(THEN)).state())
        .isEqualTo(BillingState.TERMINATED);
    assertThat(own(new SubscriptionState.Pending(THEN)).state()).isEqualTo(BillingState.NONE);
  }

  @Test
  void derive_noSubscription_isNone() {
    assertThat(standing(List.of(), 30, 0).state()).isEqualTo(BillingState.NONE);
  }

  private static Standing own(SubscriptionState state) {
    return Standings.derive(
            List.of(subscription("sub_a", state)), List.of(), any -> Dunning.DOCUMENT_002, ISSUED)
        .standing();
  }

  private static Standing standing(
      List<Subscription> subscriptions, int day, int declined, String... concerned) {
    return derive(subscriptions, day, declined, concerned).standing();
  }

  private static TenantStanding derive(
      List<Subscription> subscriptions, int day, int declined, String... concerned) {
    return Standings.derive(
        subscriptions,
        List.of(new UnpaidInvoice("INV-2026-0248", ISSUED, List.of(concerned), declined)),
        any -> Dunning.DOCUMENT_002,
        ISSUED.plusDays(day - 1L));
  }

  private static Subscription subscription(String id, SubscriptionState state) {
    Recurrence monthly = new Recurrence(THEN, Recurrence.Unit.MONTH, 1, ZoneId.of("UTC"));
    return new Subscription(
        id,
        "dharma",
        "gaudaan",
        1,
        id,
        CurrencyUnit.of("INR"),
        new Cycle(Recurrence.Unit.MONTH, 1),
        monthly,
        new Period(THEN, monthly.start(1)),
        state,
        null,
        List.of(),
        List.of(),
        1);
  }
}
