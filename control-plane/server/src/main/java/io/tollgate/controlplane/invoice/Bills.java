package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.rating.ChangeFees;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a step in a subscription's life bills. Pure; runs, previews and simulation ask it alike.
 *
 * <p>A new period bills its fees in advance and the ended period's usage in arrears, on one invoice
 * (document 002). A change inside a period credits what ends and charges what begins. Trials and
 * pauses bill nothing.
 *
 * @param revision the step
 * @param before the catalog version before it; the same as {@code after} for the first step
 * @param after the catalog version after it
 */
record Bills(Revision revision, Catalog before, Catalog after) {
  /** Whether the step bills anything at all; most commands do not. */
  boolean isSomething() {
    return beginsAPeriod() || changesAPeriod() || ended().isPresent() || !bought().isEmpty();
  }

  /** The ended period whose usage is due; empty if none ended. */
  Optional<Period> ended() {
    Subscription was = revision.before();
    if (was == null || !isBilled(was.state())) {
      return Optional.empty();
    }
    Subscription is = revision.after();
    boolean over = is.state().isOver();
    if (!over && is.current().start().equals(was.current().start())) {
      return Optional.empty();
    }
    Instant start = was.current().start();
    Instant end = revision.at().isBefore(was.current().end()) ? revision.at() : was.current().end();
    return start.isBefore(end) ? Optional.of(new Period(start, end)) : Optional.empty();
  }

  /** The meters the ended period's plan prices. */
  List<String> meters(Period ended) {
    Subscription was = revision.before();
    return was == null
        ? List.of()
        : was.planAt(ended.end().minusNanos(1))
            .flatMap(item -> before.plan(item.key()))
            .map(plan -> plan.charges().stream().map(Charge::meter).distinct().toList())
            .orElse(List.of());
  }

  /** Whether the period goes on for which earlier steps were billed. */
  boolean isInsideAPeriod() {
    Subscription was = revision.before();
    return was != null
        && isBilled(was.state())
        && was.current().start().equals(revision.after().current().start());
  }

  /** Whether what was charged for the present period decides the lines. */
  boolean changesAPeriod() {
    Subscription was = revision.before();
    Subscription is = revision.after();
    if (was == null || !isBilled(was.state())) {
      return false;
    }
    if (is.state().isOver()) {
      return revision.refund();
    }
    boolean itemsChanged = !was.items().equals(is.items());
    boolean cutShort =
        is.current().start().equals(revision.at()) && was.current().end().isAfter(revision.at());
    boolean samePeriod = is.current().start().equals(was.current().start());
    return isBilled(is.state()) && itemsChanged && (cutShort || samePeriod);
  }

  /**
   * The bills of the step, in print order.
   *
   * @param units of the ended period, per meter
   * @param prepaid how many of them are paid for already, per meter
   * @param charged for the present period, by item
   */
  List<Bill> list(
      Map<String, BigDecimal> units,
      Map<String, BigDecimal> prepaid,
      Map<String, Charged> charged) {
    List<Bill> bills = new ArrayList<>();
    Subscription is = revision.after();
    Fees fees = new Fees(after, is);
    if (changesAPeriod()) {
      Fees old = new Fees(before, previous());
      ChangeFees change = new ChangeFees(old, fees, revision.at());
      bills.add(new Bill.Change(change, is.revision(), charged));
    } else if (beginsAPeriod()) {
      bills.add(new Bill.Advance(fees, is.current(), isFirst()));
    }
    ended()
        .ifPresent(
            p ->
                bills.add(
                    new Bill.Arrears(new Fees(before, previous()), p, units, prepaid, paid(p))));
    for (SubscriptionItem item : bought()) {
      bills.add(new Bill.Once(fees.oneOff(item.key(), item.quantity(), item.id(), rest())));
    }
    return bills;
  }

  /** What a period that is cut short was charged for; the change's credits give the rest back. */
  private Period paid(Period ended) {
    return changesAPeriod() ? ended : previous().current();
  }

  private boolean beginsAPeriod() {
    Subscription was = revision.before();
    Subscription is = revision.after();
    if (!(is.state() instanceof SubscriptionState.Active)) {
      return false;
    }
    return was == null
        || !isBilled(was.state())
        || !is.current().start().equals(was.current().start());
  }

  private boolean isFirst() {
    return switch (revision.command()) {
      case START, ACTIVATE, END_TRIAL -> true;
      case RENEW,
          CHANGE,
          UNSCHEDULE,
          PAUSE,
          RESUME,
          CANCEL,
          UNDO_CANCEL,
          REACTIVATE,
          MIGRATE,
          TERMINATE ->
          false;
    };
  }

  /** The one-off add-ons bought with this step, and not with an earlier one at the same instant. */
  private List<SubscriptionItem> bought() {
    Subscription is = revision.after();
    if (!is.state().isInForce() || revision.command() == Command.REACTIVATE) {
      return List.of();
    }
    Subscription was = revision.before();
    Set<String> known =
        was == null
            ? Set.of()
            : was.items().stream().map(SubscriptionItem::id).collect(Collectors.toSet());
    return is.addOnsAt(revision.at()).stream()
        .filter(item -> item.from().equals(revision.at()) && !known.contains(item.id()))
        .filter(item -> after.addOn(item.key()).filter(AddOn::isOneOff).isPresent())
        .toList();
  }

  private Period rest() {
    return new Period(revision.at(), revision.after().current().end());
  }

  Subscription previous() {
    Subscription was = revision.before();
    return was == null ? revision.after() : was;
  }

  /** Whether a period in this state is paid for: running, or standing still in the middle. */
  private static boolean isBilled(SubscriptionState state) {
    return switch (state) {
      case SubscriptionState.Active active -> true;
      case SubscriptionState.Paused paused -> true;
      case SubscriptionState.Pending pending -> false;
      case SubscriptionState.Trial trial -> false;
      case SubscriptionState.Cancelled cancelled -> false;
      case SubscriptionState.Expired expired -> false;
      case SubscriptionState.Terminated terminated -> false;
    };
  }
}
