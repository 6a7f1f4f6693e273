package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.Cycle;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as it stood at one revision: all that pricing and entitlements need. Immutable.
 *
 * <p>The present period is kept beside the recurrence, because a calendar-aligned start, a pause or
 * a change of cycle makes one period longer or shorter than the rule. Its end is one of the
 * recurrence's boundaries but after a pause of one that follows the calendar; the periods after it
 * follow the recurrence.
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
 * @param scheduled changes that wait, and at most one pause, in the order they were asked for
 * @param revision rises by one with every change
 * @param pauses those behind it in {@code current}
 * @param chargedTo where in its full period, as if it had no pauses, {@code current} is charged up
 *     to in advance: an end that was known when it began and gives the rest back; null to its end
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
    long revision,
    Pauses pauses,
    @Nullable Instant chargedTo) {
  public Subscription {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(state, "state");
    items = List.copyOf(items);
    scheduled = List.copyOf(scheduled);
    // Documents kept since before pauses were say nothing of them.
    pauses = Objects.requireNonNullElse(pauses, Pauses.NONE);
  }

  /** One whose present period was never paused, and whose end gives nothing back. */
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
        revision,
        Pauses.NONE,
        null);
  }

  /** The same, holding something else. */
  public Subscription holding(List<SubscriptionItem> others) {
    return new Subscription(
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
        refundAtEnd,
        others,
        scheduled,
        revision,
        pauses,
        chargedTo);
  }

  /** The billing zone, in which days are counted. */
  public ZoneId zone() {
    return recurrence.zone();
  }

  /** Whether it ends by itself with its present period, or inside it. */
  public boolean endsWithThePeriod() {
    return cancelAt != null && !cancelAt.isAfter(current.end());
  }

  /** The pause that waits, if one does. */
  Optional<ScheduledChange> waitingPause() {
    return scheduled.stream()
        .filter(waiting -> waiting.change() instanceof ScheduledChange.Change.ToPause)
        .findFirst();
  }

  /** The period that follows {@link #current}: a part of one where a trial ends inside it. */
  public Period next() {
    return new Period(current.end(), recurrence.at(current.end()).end());
  }

  /**
   * The full period that {@code period} is charged as, or as a part of: the one by rule that ends
   * where it ends, or where it was to end before pauses moved its end or it was cut short. It is
   * what proration divides by, for charges, credits and arrears alike.
   */
  public Period whole(Period period) {
    boolean present =
        !period.start().isBefore(current.start()) && period.start().isBefore(current.end());
    if (present && pauses.whole() != null) {
      return pauses.whole();
    }
    boolean cut =
        present
            && (period.end().isBefore(current.end()) || state instanceof SubscriptionState.Paused);
    Instant end = cut ? current.end() : period.end();
    long k = recurrence.indexAt(end);
    return recurrence.start(k).equals(end) ? recurrence.at(end.minusNanos(1)) : period;
  }

  /**
   * Where an instant of the present period lies in {@link #whole}: where it would be without the
   * pauses before it. A pause that lasts is all at its beginning.
   */
  public Instant unpaused(Instant instant) {
    boolean standing =
        state instanceof SubscriptionState.Paused paused && instant.isAfter(paused.since());
    Instant last =
        standing && state instanceof SubscriptionState.Paused paused ? paused.since() : instant;
    return pauses.without(last, zone());
  }

  /** Up to when the present period is charged in advance, wherever pauses have moved that. */
  public Instant chargedUntil() {
    return chargedTo == null ? current.end() : pauses.with(chargedTo, zone());
  }

  /**
   * An item as it began the present period, or began inside it: before the migrations and unbilled
   * changes since, each of which ends it under some terms and lets it go on under others.
   */
  public SubscriptionItem asBegun(SubscriptionItem item) {
    return items.stream()
        .filter(other -> other.id().equals(item.id()))
        .filter(other -> other.until() == null || !other.until().isBefore(current.start()))
        .findFirst()
        .orElse(item);
  }

  /** The items whose charges an item's end gives back: it, and those that it goes on for. */
  public List<SubscriptionItem> chargedWith(SubscriptionItem item) {
    List<SubscriptionItem> all = new ArrayList<>();
    all.add(item);
    for (String id : item.joined()) {
      items.stream().filter(other -> other.id().equals(id)).findFirst().ifPresent(all::add);
    }
    return all;
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
