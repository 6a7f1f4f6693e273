package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.invoice.composition.Bill;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
 * @param earlier the catalog versions under which items ended inside the period; an item without
 *     one is of {@code before}
 */
record Bills(Revision revision, Catalog before, Catalog after, Map<Integer, Catalog> earlier) {
  Bills {
    earlier = Map.copyOf(earlier);
  }

  /** A part of an ended period that one plan was in force for, and whose usage it rates. */
  record Stretch(Period period, Fees fees) {
    /** Where what was used at the very instant of an end is booked: just before it. */
    static Period upTo(Instant end) {
      return new Period(end.minus(1, ChronoUnit.MICROS), end);
    }

    /** Whether it holds what was used at the instant of an end alone, and is for no time. */
    boolean isInstant() {
      return period.equals(upTo(period.end()));
    }

    /** Whether it is for no time, in which nothing was used: then no price of its plan is due. */
    boolean isNothing(Used used) {
      return isInstant()
          && meters().stream()
              .allMatch(meter -> used.units().getOrDefault(meter, BigDecimal.ZERO).signum() == 0);
    }

    /** The meters the plan prices. */
    List<String> meters() {
      return fees.charges(period).stream().map(Charge::meter).distinct().toList();
    }

    /** The meters of which it prices single transactions. */
    List<String> metersByTransaction() {
      return fees.charges(period).stream()
          .filter(
              charge ->
                  charge
                      .model(fees.subscription().currency())
                      .filter(PriceModel::goesByTransaction)
                      .isPresent())
          .map(Charge::meter)
          .distinct()
          .toList();
    }
  }

  /** Whether what a change inside a period bills waits for the subscription's next invoice. */
  boolean waits() {
    return isInsideAPeriod()
        && changesAPeriod()
        && !revision.after().state().isOver()
        && change().waits();
  }

  /** Whether the step bills anything at all; most commands do not. What waits is due at an end. */
  boolean isSomething() {
    return revision.after().state().isOver()
        || beginsAPeriod()
        || (changesAPeriod()
            && (change().prorates() || new FeesAfterwards(this).bill().isPresent()))
        || ended().isPresent()
        || !bought().isEmpty()
        || !stretches().isEmpty();
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
    // A pause that lasts moves the end before it, so that what is used meanwhile is billed.
    boolean cut =
        revision.at().isBefore(was.current().end())
            || was.state() instanceof SubscriptionState.Paused;
    Instant end = cut ? revision.at() : was.current().end();
    return start.isBefore(end) ? Optional.of(new Period(start, end)) : Optional.empty();
  }

  /** Whether the subscription ends at once, inside a period: what is used now was used before. */
  boolean endsAtOnce() {
    Subscription was = revision.before();
    return was != null
        && revision.after().state().isOver()
        && revision.at().isBefore(was.current().end())
        && ended().isPresent();
  }

  /**
   * What usage is due for, in order: the parts of the period that ended, each by its plan, as the
   * policy on usage at a change says; with a change inside a period, what the policy bills at once.
   */
  List<Stretch> stretches() {
    Optional<Period> ended = ended();
    if (ended.isPresent()) {
      return due(ended.get());
    }
    if (!changesAPeriod() || rule(before) != Policies.UsageAtChange.AT_ONCE) {
      return List.of();
    }
    Subscription is = revision.after();
    Instant start = previous().current().start();
    if (!start.isBefore(revision.at())) {
      return List.of();
    }
    Optional<SubscriptionItem> was = previous().planAt(revision.at());
    boolean goesOn =
        was.isPresent()
            && is.planAt(revision.at())
                .filter(plan -> Stretches.ratesAlike(was.get(), before, plan, after))
                .isPresent();
    // Nothing is open where an earlier change at this instant has billed it.
    return goesOn
        ? List.of()
        : new Stretches(this)
            .open(new Period(start, revision.at()))
            .map(List::of)
            .orElse(List.of());
  }

  /** What usage is due for when a period of the subscription before the step ends. */
  List<Stretch> due(Period ended) {
    return new Stretches(this).due(ended);
  }

  static Policies.UsageAtChange rule(Catalog catalog) {
    return catalog.policies().usageAtChange();
  }

  /** What prices the usage of a period that the step billed. */
  Fees fees(Period billed) {
    return previous().items().stream()
        .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
        .filter(item -> item.isInForceAt(billed.end().minusNanos(1)))
        .findFirst()
        .map(item -> new Fees(catalog(item), previous()))
        .orElseGet(() -> new Fees(before, previous()));
  }

  /** The catalog version under which an item was in force. */
  Catalog catalog(SubscriptionItem item) {
    return item.version() == null ? before : earlier.getOrDefault(item.version(), before);
  }

  /** A migration changes with the next period whether a fee is billed in advance or in arrears. */
  boolean isInArrears(SubscriptionItem item) {
    SubscriptionItem begun = previous().asBegun(item);
    return new Fees(catalog(begun), previous()).isInArrears(begun);
  }

  /** Whether the period goes on for which earlier steps were billed. */
  boolean isInsideAPeriod() {
    Subscription was = revision.before();
    return was != null
        && isBilled(was.state())
        && was.current().start().equals(revision.after().current().start());
  }

  ChangeFees change() {
    Fees old = new Fees(before, previous());
    return new ChangeFees(old, new Fees(after, revision.after()), revision.at());
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

  /** The recurring add-ons whose units were paid ahead, where the step may give of that back. */
  List<SubscriptionItem> paidAhead() {
    return changesAPeriod()
        ? previous().addOnsAt(revision.at()).stream()
            .filter(item -> before.addOn(item.key()).filter(AddOn::paysAhead).isPresent())
            .flatMap(item -> previous().chargedWith(item).stream())
            .toList()
        : List.of();
  }

  /**
   * The bills of the step, in print order.
   *
   * @param used in each of the {@link #stretches}, per meter
   * @param charged for the present period, by item
   */
  List<Bill> list(List<Used> used, Map<String, Charged> charged) {
    List<Bill> bills = new ArrayList<>();
    Subscription is = revision.after();
    Fees fees = new Fees(after, is);
    if (changesAPeriod()) {
      bills.add(new Bill.Change(change(), is.revision(), inAdvance(charged)));
    } else if (beginsAPeriod()) {
      @Nullable Long again = revision.command() == Command.REACTIVATE ? is.revision() : null;
      bills.add(new Bill.Advance(fees, is.current(), isFirst(), again));
    }
    new FeesAfterwards(this).bill().ifPresent(bills::add);
    List<Stretch> stretches = stretches();
    List<Bill.Arrears> rated = new ArrayList<>();
    for (int i = 0; i < stretches.size(); i++) {
      Stretch stretch = stretches.get(i);
      Used of = used.get(i);
      if (stretch.isNothing(of)) {
        continue;
      }
      rated.add(
          new Bill.Arrears(
              stretch.fees(),
              stretch.period(),
              of.units(),
              of.prepaid(),
              of.transactions(),
              new BaseFees(this).counted(stretch, rated)));
    }
    bills.addAll(rated);
    for (SubscriptionItem item : bought()) {
      bills.add(new Bill.Once(fees.oneOff(item.key(), item.quantity(), item.id(), rest())));
    }
    return bills;
  }

  /**
   * What was used in a stretch.
   *
   * @param units per meter
   * @param prepaid how many of them are paid for already, per meter
   * @param transactions each one's units in their order, per meter that keeps them
   */
  record Used(
      Map<String, BigDecimal> units,
      Map<String, BigDecimal> prepaid,
      Map<String, List<BigDecimal>> transactions) {
    Used {
      units = Map.copyOf(units);
      prepaid = Map.copyOf(prepaid);
      transactions = Map.copyOf(transactions);
    }
  }

  private Map<String, Charged> inAdvance(Map<String, Charged> charged) {
    Map<String, Charged> inAdvance = new HashMap<>(charged);
    previous().items().stream().filter(this::isInArrears).forEach(i -> inAdvance.remove(i.id()));
    return inAdvance;
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
          TRIAL,
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
