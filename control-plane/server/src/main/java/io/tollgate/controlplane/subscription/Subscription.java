package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.Cycle;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as it stood at one revision: all that pricing and entitlements need. Immutable.
 *
 * <p>The present period is kept beside the recurrence, because a calendar-aligned start, a pause or
 * a change of cycle makes one period longer or shorter than the rule. Its end is always one of the
 * recurrence's boundaries; the periods after it follow the recurrence.
 *
 * @param id {@code sub_...}, sortable by time of creation
 * @param tenant the tenant's id
 * @param catalog name of the catalog
 * @param version of the catalog, kept until migrated
 * @param product the product of its plan; a tenant has at most one living subscription of each
 * @param currency what it is billed in
 * @param cycle length of its periods
 * @param recurrence the rule its periods follow, from the end of {@code current} on
 * @param current the present period; for a pending one the first, for an ended one the last
 * @param state where it stands
 * @param cancelAt when it ends by itself: a period's end, or an instant asked for; null while it
 *     goes on
 * @param refundAtEnd whether that end gives back what was paid for the rest of its period
 * @param items the plan and add-ons, ended ones included, by {@code from}
 * @param scheduled changes that wait for the period's end, in the order they were asked for
 * @param revision rises by one with every change
 */
public record Subscription(
    String id,
    String tenant,
    String catalog,
    int version,
    String product,
    CurrencyUnit currency,
    Cycle cycle,
    Recurrence recurrence,
    Period current,
    SubscriptionState state,
    @Nullable Instant cancelAt,
    boolean refundAtEnd,
    List<SubscriptionItem> items,
    List<ScheduledChange> scheduled,
    long revision) {
  /** A subscription whose end, where one is set, gives nothing back. */
  public Subscription(
      String id,
      String tenant,
      String catalog,
      int version,
      String product,
      CurrencyUnit currency,
      Cycle cycle,
      Recurrence recurrence,
      Period current,
      SubscriptionState state,
      @Nullable Instant cancelAt,
      List<SubscriptionItem> items,
      List<ScheduledChange> scheduled,
      long revision) {
    this(
        id,
        tenant,
        catalog,
        version,
        product,
        currency,
        cycle,
        recurrence,
        current,
        state,
        cancelAt,
        false,
        items,
        scheduled,
        revision);
  }

  public Subscription {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(state, "state");
    items = List.copyOf(items);
    scheduled = List.copyOf(scheduled);
  }

  /** The billing zone, in which days are counted. */
  public ZoneId zone() {
    return recurrence.zone();
  }

  /** Whether it ends by itself with its present period, or inside it. */
  public boolean endsWithThePeriod() {
    return cancelAt != null && !cancelAt.isAfter(current.end());
  }

  /** The period that follows {@link #current}: a part of one where a trial ends inside it. */
  public Period next() {
    return new Period(current.end(), recurrence.at(current.end()).end());
  }

  /**
   * The period by rule that ends where {@code period} ends, or where it was to end before it was
   * cut short: what proration divides by.
   */
  public Period whole(Period period) {
    boolean cut = period.end().isBefore(current.end()) && !period.start().isBefore(current.start());
    Instant end = cut ? current.end() : period.end();
    long k = recurrence.indexAt(end);
    return recurrence.start(k).equals(end) ? recurrence.period(k - 1) : period;
  }

  /** The plan's item in force at the instant. */
  public Optional<SubscriptionItem> planAt(Instant instant) {
    return items.stream()
        .filter(i -> i.kind() == SubscriptionItem.Kind.PLAN && i.isInForceAt(instant))
        .findFirst();
  }

  /** The add-ons' items in force at the instant. */
  public List<SubscriptionItem> addOnsAt(Instant instant) {
    return items.stream()
        .filter(i -> i.kind() == SubscriptionItem.Kind.ADD_ON && i.isInForceAt(instant))
        .toList();
  }
}
