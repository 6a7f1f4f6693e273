package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.subscription.Holdings.Effect;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.SubscriptionState.Active;
import io.tollgate.controlplane.subscription.SubscriptionState.Cancelled;
import io.tollgate.controlplane.subscription.SubscriptionState.Expired;
import io.tollgate.controlplane.subscription.SubscriptionState.Paused;
import io.tollgate.controlplane.subscription.SubscriptionState.Pending;
import io.tollgate.controlplane.subscription.SubscriptionState.Terminated;
import io.tollgate.controlplane.subscription.SubscriptionState.Trial;
import io.tollgate.controlplane.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's life as functions from one revision to the next. Pure but for the ids of new
 * items. Each checks the transition table first; what the catalog allows is checked by {@link
 * ChangeRules}.
 *
 * @param holdings what they hold
 */
record Lifecycle(Holdings holdings) {
  /** A new subscription: pending, in trial, or active. */
  Revision start(String id, Order order, CatalogVersion catalog, Instant now) {
    var plan = catalog.catalog().plan(order.plan()).orElseThrow();
    int trialDays = order.trialDays() == null ? plan.trialDays() : order.trialDays();
    Instant begins = Periods.plusDays(order.startsAt(), trialDays, order.zone());
    Recurrence rule =
        order.anchor() == null
            ? Periods.rule(
                begins, order.cycle(), catalog.catalog().policies().alignment(), order.zone())
            : new Recurrence(
                order.anchor(), order.cycle().unit(), order.cycle().count(), order.zone());
    Period first = Periods.first(rule, begins);
    SubscriptionState state =
        order.startsAt().isAfter(now)
            ? new Pending(order.startsAt(), trialDays > 0)
            : trialDays > 0 ? new Trial(begins) : new Active();
    List<SubscriptionItem> items = new ArrayList<>();
    items.add(holdings.plan(order.plan(), order.quantity(), order.startsAt(), order.agreed()));
    order.addOns().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> items.add(holdings.addOn(e.getKey(), e.getValue(), order.startsAt())));
    Subscription subscription =
        new Subscription(
            id,
            order.tenant(),
            catalog.name(),
            catalog.version(),
            plan.product(),
            order.currency(),
            order.cycle(),
            rule,
            trialDays > 0 ? new Period(order.startsAt(), begins) : first,
            state,
            order.expireAfterTrial() && trialDays > 0 ? begins : null,
            items,
            List.of(),
            1);
    return new Revision(Command.START, order.startsAt(), null, subscription, false);
  }

  /** The dated start came: into its trial, if its first period is one, or into force. */
  Revision activate(Subscription before) {
    Transitions.check(before, Command.ACTIVATE);
    Draft draft = new Draft(before);
    boolean trial = before.state() instanceof Pending pending && pending.trial();
    draft.state = trial ? new Trial(before.current().end()) : new Active();
    return new Revision(Command.ACTIVATE, before.current().start(), before, draft.done(), false);
  }

  /** The period's end: the trial's end, a cancellation that waited, or the next period. */
  Revision turn(Subscription before, IntFunction<CatalogVersion> versions) {
    if (before.endsWithThePeriod()) {
      return end(before);
    }
    Command command = before.state() instanceof Trial ? Command.END_TRIAL : Command.RENEW;
    Transitions.check(before, command);
    Draft draft = new Draft(before);
    draft.enter(before.next());
    return entered(command, before, draft, versions);
  }

  /** A period begins, with the changes that waited for it. */
  private Revision entered(
      Command command, Subscription before, Draft draft, IntFunction<CatalogVersion> versions) {
    Instant at = draft.current.start();
    draft.state = new Active();
    for (ScheduledChange change : List.copyOf(draft.scheduled)) {
      if (!change.at().isAfter(at) && !(change.change() instanceof Change.ToPause)) {
        holdings.apply(draft, change.change(), under(draft, change, versions), at, Effect.TURNING);
        draft.scheduled.remove(change);
      }
    }
    CatalogVersion version = versions.apply(draft.version);
    draft.charge(version.catalog().policies().proration());
    holdings.merge(draft, version, at);
    Holdings.forget(draft, before.current().start());
    return new Revision(command, at, before, draft.done(), false);
  }

  /**
   * The trial's end moves, and with it what waits for it and the day on which periods begin, unless
   * one was asked for.
   *
   * @param policies its catalog version's
   */
  Revision moveTrial(Subscription before, Instant ends, Policies policies, Instant now) {
    Transitions.check(before, Command.TRIAL);
    Instant latest =
        Periods.plusDays(before.current().start(), Order.MOST_TRIAL_DAYS, before.zone());
    if (!ends.isAfter(now) || ends.isAfter(latest)) {
      throw Problem.invalid(
          "ends",
          "now, or an instant after it, "
              + now
              + ", is expected, at most "
              + Order.MOST_TRIAL_DAYS
              + " days after the trial began, "
              + latest);
    }
    Instant was = before.current().end();
    if (ends.equals(was)) {
      throw Problem.invalid("ends", "is when the trial ends already");
    }
    Draft draft = new Draft(before);
    draft.state = new Trial(ends);
    draft.current = new Period(before.current().start(), ends);
    if (was.equals(before.cancelAt())) {
      draft.cancelAt = ends;
    }
    trialEndsAt(draft, was, ends, policies);
    return new Revision(Command.TRIAL, now, before, draft.done(), false);
  }

  /**
   * The trial ends now, as it would have by itself.
   *
   * @param with a change to begin the first period with, agreed now; null for none
   */
  Revision endTrial(
      Subscription before,
      @Nullable ScheduledChange with,
      IntFunction<CatalogVersion> versions,
      Instant now) {
    Transitions.check(before, Command.TRIAL);
    Instant was = before.current().end();
    Draft draft = new Draft(before);
    if (with != null) {
      draft.scheduled = Waiting.after(before, with.change(), versions.apply(with.version()), now);
      draft.scheduled.addFirst(with);
    }
    trialEndsAt(draft, was, now, versions.apply(before.version()).catalog().policies());
    draft.enter(Periods.first(draft.recurrence, now));
    return entered(Command.END_TRIAL, before, draft, versions);
  }

  private static void trialEndsAt(Draft draft, Instant was, Instant ends, Policies policies) {
    draft.recurrence =
        Periods.beginning(draft.recurrence, draft.cycle, policies.alignment(), was, ends);
    draft.scheduled = ScheduledChange.moved(draft.scheduled, was, ends);
  }

  /** The version it was agreed under, or the newer one its subscription has moved to meanwhile. */
  private static CatalogVersion under(
      Draft draft, ScheduledChange change, IntFunction<CatalogVersion> versions) {
    CatalogVersion agreed = versions.apply(change.version());
    CatalogVersion own = versions.apply(Math.max(draft.version, change.version()));
    boolean gone =
        change.change() instanceof Change.ToPlan to && own.catalog().plan(to.plan()).isEmpty();
    return gone ? agreed : own;
  }

  /** A cancellation that waited comes: with the trial, with the period or inside one. */
  Revision end(Subscription before) {
    Instant at = Objects.requireNonNull(before.cancelAt());
    boolean whole = at.equals(before.current().end());
    boolean trialOver = whole && before.state() instanceof Trial;
    Command command = trialOver ? Command.END_TRIAL : Command.CANCEL;
    Transitions.check(before, command);
    SubscriptionState state = trialOver ? new Expired(at) : new Cancelled(at);
    return over(command, before, state, before.refundAtEnd() && !whole, at);
  }

  /**
   * A change that takes effect at once.
   *
   * @param own the catalog version it lives under
   * @param catalog the one the change is made under
   */
  Revision change(
      Subscription before, Change change, CatalogVersion own, CatalogVersion catalog, Instant now) {
    Transitions.check(before, Command.CHANGE);
    Draft draft = new Draft(before);
    if (change instanceof Change.ToVersion && !(before.state() instanceof Trial)) {
      Holdings.carryOn(draft, own, catalog, now);
    }
    boolean unbilled =
        before.state() instanceof Active
            && ChangeRules.isUnbilled(before, change, catalog.catalog(), now);
    holdings.apply(draft, change, catalog, now, unbilled ? Effect.UNBILLED : Effect.PRORATED);
    draft.scheduled = Waiting.after(before, change, catalog, now);
    Instant end = draft.current.end();
    draft.scheduled = ScheduledChange.moved(draft.scheduled, before.current().end(), end);
    return new Revision(Command.CHANGE, now, before, draft.done(), false);
  }

  /** A change that waits for the period's end; it takes the place of what it changes that waits. */
  Revision schedule(Subscription before, ScheduledChange change, Instant now) {
    Transitions.check(before, Command.CHANGE);
    Draft draft = new Draft(before);
    draft.scheduled = Waiting.with(before, change, now);
    return new Revision(Command.CHANGE, now, before, draft.done(), false);
  }

  /** Takes back a change that waits. */
  Revision unschedule(Subscription before, String change, Instant now) {
    Transitions.check(before, Command.UNSCHEDULE);
    Draft draft = new Draft(before);
    if (!draft.scheduled.removeIf(waiting -> waiting.id().equals(change))) {
      throw Problem.invalid("change", "no change " + change + " waits here");
    }
    return new Revision(Command.UNSCHEDULE, now, before, draft.done(), false);
  }

  /** Stops, and no pause waits any more; the rest of the period is kept for when it goes on. */
  Revision pause(Subscription before, @Nullable Instant resumesAt, Instant now) {
    Transitions.check(before, Command.PAUSE);
    Draft draft = new Draft(before);
    draft.state = new Paused(now, resumesAt);
    draft.scheduled.removeIf(waiting -> waiting.change() instanceof Change.ToPause);
    return new Revision(Command.PAUSE, now, before, draft.done(), false);
  }

  /** A change that waits: a pause. It takes the place of another one. */
  Revision schedulePause(Subscription before, ScheduledChange pause, Instant now) {
    Transitions.check(before, Command.PAUSE);
    Draft draft = new Draft(before);
    draft.scheduled = Waiting.with(before, pause, now);
    return new Revision(Command.CHANGE, now, before, draft.done(), false);
  }

  /**
   * Goes on: the period's end and all after it move by the pause.
   *
   * @param policies what the pause is counted in, as what was held is, and whether periods follow
   *     the calendar: then only the present one moves, and the next is a part up to the next day of
   *     the calendar
   */
  Revision resume(Subscription before, Policies policies, Instant now) {
    Transitions.check(before, Command.RESUME);
    Paused paused = (Paused) before.state();
    Draft draft = new Draft(before);
    Instant until = before.current().end();
    Duration moved = Periods.pause(policies.proration(), paused.since(), now, until, before.zone());
    Instant end = Periods.plus(until, moved, before.zone());
    draft.state = new Active();
    draft.current = new Period(before.current().start(), end);
    draft.pauses =
        before
            .pauses()
            .and(new Pauses.Pause(paused.since(), now, moved), before.whole(before.current()));
    if (!Periods.follows(before.recurrence(), before.cycle(), policies.alignment())) {
      draft.recurrence =
          new Recurrence(end, before.cycle().unit(), before.cycle().count(), before.zone());
    }
    if (before.current().end().equals(before.cancelAt())) {
      draft.cancelAt = end;
    }
    draft.scheduled = ScheduledChange.moved(draft.scheduled, until, end);
    return new Revision(Command.RESUME, now, before, draft.done(), false);
  }

  /** Ends now. */
  Revision cancelNow(Subscription before, boolean refund, Instant now) {
    Transitions.check(before, Command.CANCEL);
    return over(Command.CANCEL, before, new Cancelled(now), refund, now);
  }

  /** Ends with the period; a pending one, which has none, at once. */
  Revision cancelAtPeriodEnd(Subscription before, Instant now) {
    Transitions.check(before, Command.CANCEL);
    if (before.state() instanceof Pending || before.state() instanceof Paused) {
      return cancelNow(before, false, now);
    }
    Draft draft = new Draft(before);
    draft.cancelAt = before.current().end();
    draft.refundAtEnd = false;
    return new Revision(Command.CANCEL, now, before, draft.done(), false);
  }

  /** Ends at an instant to come, whatever period that lies in. */
  Revision cancelAt(Subscription before, Instant at, boolean refund, Instant now) {
    Transitions.check(before, Command.CANCEL);
    if (!at.isAfter(now)) {
      throw Problem.invalid("at", "an instant after now, " + now + ", is expected");
    }
    if (before.state() instanceof Pending pending) {
      throw Problem.invalid(
          "at",
          "it begins at " + pending.startsAt() + "; until then it is cancelled without a date");
    }
    Draft draft = new Draft(before);
    draft.cancelAt = at;
    draft.refundAtEnd = refund;
    return new Revision(Command.CANCEL, now, before, draft.done(), false);
  }

  /** Takes a waiting cancellation back. */
  Revision undoCancel(Subscription before, Instant now) {
    Transitions.check(before, Command.UNDO_CANCEL);
    Draft draft = new Draft(before);
    draft.cancelAt = null;
    return new Revision(Command.UNDO_CANCEL, now, before, draft.done(), false);
  }

  /** Begins again, with a new first period, what was in force at its end. */
  Revision reactivate(Subscription before, CatalogVersion own, Instant now) {
    Transitions.check(before, Command.REACTIVATE);
    Draft draft = new Draft(before);
    draft.state = new Active();
    draft.cancelAt = null;
    draft.scheduled.clear();
    Instant last = before.current().end();
    // What ended lives on in the revisions: it may begin and end again at this very instant.
    draft.items.removeIf(item -> item.until() != null);
    for (SubscriptionItem item : before.items()) {
      boolean earlier = item.until() == null || item.until().isBefore(endOf(before, last));
      if (earlier || !item.endedWithAll()) {
        continue;
      }
      if (own.catalog().addOn(item.key()).filter(AddOn::isOneOff).isPresent()) {
        draft.items.add(item.endingAt(null));
      } else {
        draft.items.add(holdings.again(item, item.quantity(), now));
      }
    }
    Holdings.newRule(draft, own, now);
    return new Revision(Command.REACTIVATE, now, before, draft.done(), false);
  }

  /** Ends for good. */
  Revision terminate(Subscription before, Instant now) {
    Transitions.check(before, Command.TERMINATE);
    return over(Command.TERMINATE, before, new Terminated(now), false, now);
  }

  private static Instant endOf(Subscription before, Instant otherwise) {
    return switch (before.state()) {
      case Cancelled cancelled -> cancelled.at();
      case Expired expired -> expired.at();
      case Terminated terminated -> terminated.at();
      case Pending pending -> otherwise;
      case Trial trial -> otherwise;
      case Active active -> otherwise;
      case Paused paused -> otherwise;
    };
  }

  private static Revision over(
      Command command, Subscription before, SubscriptionState state, boolean refund, Instant now) {
    Draft draft = new Draft(before);
    draft.state = state;
    draft.cancelAt = null;
    draft.scheduled.clear();
    draft.endAll(now);
    return new Revision(command, now, before, draft.done(), refund);
  }
}
