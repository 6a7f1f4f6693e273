package io.tollgate.controlplane.entitlement;

import static io.tollgate.controlplane.entitlement.StandardFacts.INDIA;
import static io.tollgate.controlplane.entitlement.StandardFacts.NOW;
import static io.tollgate.controlplane.entitlement.StandardFacts.QUOTA;
import static io.tollgate.controlplane.entitlement.StandardFacts.RATE;
import static io.tollgate.controlplane.entitlement.StandardFacts.START;
import static io.tollgate.controlplane.entitlement.StandardFacts.facts;
import static io.tollgate.controlplane.entitlement.StandardFacts.feature;
import static io.tollgate.controlplane.entitlement.StandardFacts.item;
import static io.tollgate.controlplane.entitlement.StandardFacts.override;
import static io.tollgate.controlplane.entitlement.StandardFacts.quota;
import static io.tollgate.controlplane.entitlement.StandardFacts.rate;
import static io.tollgate.controlplane.entitlement.StandardFacts.resolve;
import static io.tollgate.controlplane.entitlement.StandardFacts.subscription;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Document 001's chain, and document 002's add-ons on it. */
class ResolutionTest {
  @Test
  void resolve_plan_givesItsFeaturesAndLimits() {
    Entitlements given = resolve(List.of(), List.of());
    assertThat(given.plan()).isEqualTo("standard");
    assertThat(given.catalog()).isEqualTo("gaudaan@3");
    assertThat(feature(given, "admin-users").limit()).isEqualTo(5);
    assertThat(feature(given, "gaucoins").level()).isEqualTo("basic");
    assertThat(rate(given).amount()).isEqualTo(1000);
    assertThat(rate(given).origin()).isEqualTo("plan:standard");
    assertThat(quota(given).window())
        .isEqualTo(new Recurrence(START, Recurrence.Unit.MONTH, 1, INDIA));
    assertThat(given.concurrencies()).isEmpty();
  }

  @Test
  void resolve_rateLimitBoost_multipliesRateAndBurstByTen() {
    Entitlements given = resolve(List.of(item("api-rate-limit-boost", 1)), List.of());
    assertThat(rate(given).amount()).isEqualTo(10_000);
    assertThat(rate(given).burst()).isEqualTo(1_000);
    assertThat(rate(given).origin()).isEqualTo("addon:api-rate-limit-boost");
  }

  @Test
  void resolve_additionsAndFactor_addFirstWhateverTheOrder() {
    List<SubscriptionItem> items = List.of(item("api-rate-limit-boost", 1), item("more-calls", 2));
    List<SubscriptionItem> reversed = new ArrayList<>(items).reversed();
    assertThat(rate(resolve(items, List.of())).amount()).isEqualTo(12_000);
    assertThat(rate(resolve(reversed, List.of())).amount()).isEqualTo(12_000);
  }

  @Test
  void resolve_extraSeats_addTimesTheQuantity() {
    assertThat(feature(resolve(List.of(item("extra-seats", 3)), List.of()), "admin-users").limit())
        .isEqualTo(8);
  }

  @Test
  void resolve_grantedLevel_replacesALowerOneOnly() {
    assertThat(feature(resolve(List.of(item("analytics", 1)), List.of()), "gaucoins").level())
        .isEqualTo("advanced");
  }

  @Test
  void resolve_addOnThatEnded_givesNothing() {
    SubscriptionItem ended = item("api-rate-limit-boost", 1).endingAt(NOW);
    assertThat(rate(resolve(List.of(ended), List.of())).amount()).isEqualTo(1000);
  }

  @Test
  void resolve_overrides_haveTheLastWordUntilTheyExpire() {
    EntitlementOverride more =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfLimit(RATE, 50L, null, OverLimit.Behavior.ALLOW),
            NOW.plusSeconds(1));
    EntitlementOverride off =
        override(
            "ovr_2", new EntitlementOverride.Value.OfFeature("gaucoins", false, null, null), NOW);
    Entitlements given = resolve(List.of(item("api-rate-limit-boost", 1)), List.of(more, off));
    assertThat(rate(given).amount()).isEqualTo(50);
    assertThat(rate(given).burst()).isEqualTo(5);
    assertThat(rate(given).over().behavior()).isEqualTo(OverLimit.Behavior.ALLOW);
    assertThat(rate(given).origin()).isEqualTo("override:ovr_1");
    assertThat(feature(given, "gaucoins").enabled()).isTrue();
  }

  @Test
  void resolve_subscriptionWithoutAccess_givesNothing() {
    Standing suspended = new Standing(BillingState.SUSPENDED, Access.NONE, "invoice X");
    Entitlements given = Resolution.resolve(unserved(new SubscriptionState.Active(), suspended));
    assertThat(given.plan()).isEmpty();
    assertThat(given.features()).isEmpty();
    assertThat(given.rates()).isEmpty();
    assertThat(given.standing()).isEqualTo(suspended);
  }

  @Test
  void alone_whateverTheState_givesWhatTheSubscriptionWouldWithItsOwnStanding() {
    Instant later = NOW.plusSeconds(60);
    for (SubscriptionState state :
        List.of(
            new SubscriptionState.Active(),
            new SubscriptionState.Paused(START, null),
            new SubscriptionState.Pending(later, false),
            new SubscriptionState.Cancelled(NOW),
            new SubscriptionState.Expired(NOW),
            new SubscriptionState.Terminated(NOW))) {
      Standing barred = new Standing(BillingState.SUSPENDED, Access.NONE, state.word());
      Resolution.Facts facts = unserved(state, barred);
      Entitlements given = Resolution.alone(facts, facts.bought().getFirst());
      assertThat(quota(given).amount()).as(state.word()).isEqualTo(10_000);
      assertThat(given.standing()).isEqualTo(barred);
      assertThat(Resolution.resolve(facts).quotas()).as(state.word()).isEmpty();
    }
  }

  /** One whose item ends as it does. */
  private static Resolution.Facts unserved(SubscriptionState state, Standing standing) {
    Subscription living = subscription(state, List.of());
    List<SubscriptionItem> items =
        state.isOver()
            ? living.items().stream().map(item -> item.endingAt(NOW)).toList()
            : living.items();
    Subscription ended =
        new Subscription(
            living.id(),
            living.tenant(),
            living.catalog(),
            living.version(),
            living.product(),
            living.currency(),
            living.cycle(),
            living.recurrence(),
            living.current(),
            state,
            null,
            items,
            List.of(),
            2);
    return facts(ended, standing, List.of(), Resolution.Prepaid.NOTHING);
  }

  @Test
  void window_eachKind_isAnchoredWhereItSays() {
    Recurrence rule = new Recurrence(START, Recurrence.Unit.YEAR, 1, INDIA);
    assertThat(start(LimitSpec.Window.DAY, rule)).isEqualTo("2026-03-09T18:30:00Z");
    assertThat(start(LimitSpec.Window.CALENDAR_MONTH, rule)).isEqualTo("2026-02-28T18:30:00Z");
    assertThat(start(LimitSpec.Window.MONTH, rule)).isEqualTo("2026-02-28T05:00:00Z");
    assertThat(start(LimitSpec.Window.BILLING_PERIOD, rule)).isEqualTo(START);
    assertThat(start(LimitSpec.Window.HOUR, rule)).isEqualTo(NOW);
    assertThat(Limits.window(LimitSpec.Window.LIFETIME, rule)).isNull();
  }

  private static Instant start(LimitSpec.Window window, Recurrence rule) {
    return Objects.requireNonNull(Limits.window(window, rule)).at(NOW).start();
  }

  @Test
  void resolve_unitsPaidAhead_enlargeTheirMetersQuotas_whateverElseWasSaid() {
    EntitlementOverride less =
        override(
            "ovr_1",
            new EntitlementOverride.Value.OfLimit(QUOTA, 5L, null, null),
            NOW.plusSeconds(1));
    Instant window = Instant.parse("2026-02-28T05:00:00Z");
    Resolution.Prepaid prepaid =
        (quota, meter, since) -> meter.equals("calls") && window.equals(since) ? 700 : 0;
    Entitlements given =
        Resolution.resolve(facts(List.of(item("more-calls", 1)), List.of(less), prepaid));
    assertThat(quota(given).amount()).isEqualTo(705);
    assertThat(quota(given).origin()).isEqualTo("wallet:calls");
    assertThat(rate(given).amount()).as("a rate is not paid ahead").isEqualTo(1_100);
    assertThat(Limits.nextWindow(given, NOW)).isEqualTo("2026-03-31T05:00:00Z");
    assertThat(Limits.nextWindow(resolve(List.of(), List.of(less)), NOW)).isNull();
  }
}
