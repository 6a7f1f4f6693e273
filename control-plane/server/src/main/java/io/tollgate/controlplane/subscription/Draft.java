package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** A subscription on its way to its next revision. Used inside one function; not thread-safe. */
final class Draft {
  private final Subscription before;
  int version;
  Cycle cycle;
  Recurrence recurrence;
  Period current;
  SubscriptionState state;
  @Nullable Instant cancelAt;
  boolean refundAtEnd;
  List<SubscriptionItem> items;
  List<ScheduledChange> scheduled;
  Pauses pauses;
  private @Nullable Instant chargedTo;

  Draft(Subscription before) {
    this.before = before;
    version = before.version();
    cycle = before.cycle();
    recurrence = before.recurrence();
    current = before.current();
    state = before.state();
    cancelAt = before.cancelAt();
    refundAtEnd = before.refundAtEnd();
    items = new ArrayList<>(before.items());
    scheduled = new ArrayList<>(before.scheduled());
    pauses = before.pauses();
    chargedTo = before.chargedTo();
  }

  /** Enters a period, which no pause has touched yet. */
  void enter(Period period) {
    current = period;
    pauses = Pauses.NONE;
    chargedTo = null;
  }

  /**
   * The period entered is charged: in advance up to an end that is known and gives back the rest,
   * where anything is given back.
   */
  void charge(Policies.Proration proration) {
    boolean givesBack = refundAtEnd && proration != Policies.Proration.NONE;
    boolean inside =
        cancelAt != null && cancelAt.isAfter(current.start()) && cancelAt.isBefore(current.end());
    chargedTo = givesBack && inside ? cancelAt : null;
  }

  /** Ends the item of the id at the instant, under the version in force until then. */
  void end(String id, Instant at) {
    items.replaceAll(
        item -> item.id().equals(id) && item.until() == null ? item.endingAt(at, version) : item);
  }

  /**
   * Ends an item under the version in force until then, and lets it go on under other terms: the
   * same item, so that nothing is charged or given back for it.
   *
   * @param next the same from then on
   */
  void carryOn(SubscriptionItem next) {
    end(next.id(), next.from());
    items.add(next);
  }

  /** Ends whatever is in force at the instant. */
  void endAll(Instant at) {
    items.replaceAll(
        item -> item.until() == null || item.until().isAfter(at) ? ended(item, at) : item);
  }

  private static SubscriptionItem ended(SubscriptionItem item, Instant at) {
    return item.endingAt(item.from().isAfter(at) ? item.from() : at);
  }

  CurrencyUnit currency() {
    return before.currency();
  }

  Subscription done() {
    return new Subscription(
        before.id(),
        before.tenant(),
        before.catalog(),
        version,
        before.product(),
        before.currency(),
        cycle,
        recurrence,
        current,
        state,
        cancelAt,
        cancelAt != null && refundAtEnd,
        items,
        scheduled,
        before.revision() + 1,
        pauses,
        chargedTo);
  }
}
