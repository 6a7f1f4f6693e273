package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What changes and ends lead to: when they take effect, under which catalog version, and whether
 * what waits could be had. Stores nothing.
 */
record Changes(Subscriptions.Parts parts, Lifecycle lifecycle, Possibilities possibilities) {
  /** The step of a change, at once or waiting. */
  Revision of(Transaction tx, Subscription before, Change change, @Nullable When asked) {
    Supplier<Instant> clock = tx.ask(() -> parts.clocks().now(tx, before.tenant()));
    possibilities.check(
        tx, before, change instanceof Change.ToVersion ? Command.MIGRATE : Command.CHANGE);
    Instant now = clock.get();
    CatalogVersion catalog = under(tx, before, change, now);
    When when = ChangeRules.when(before, change, catalog.catalog(), asked, now);
    if (when == When.NOW) {
      return sold(tx, lifecycle.change(before, change, own(tx, before), catalog, now));
    }
    ScheduledChange scheduled =
        new ScheduledChange(
            parts.ids().next("chg"), before.current().end(), catalog.version(), change);
    return sold(tx, lifecycle.schedule(before, scheduled, now));
  }

  /** The step of a trial whose end moves, or comes now. */
  Revision trial(Transaction tx, Subscription before, TrialEnd ends) {
    possibilities.check(tx, before, Command.TRIAL);
    Instant now = parts.clocks().now(tx, before.tenant());
    Instant at = ends.at();
    if (at != null && !at.equals(now)) {
      return lifecycle.moveTrial(before, at, own(tx, before).catalog().policies(), now);
    }
    if (before.current().end().equals(before.cancelAt())) {
      throw possibilities.conflict(
          tx, before, "it ends with its trial; take that back with undo-cancel, or cancel it now");
    }
    Change.ToPlan with = ends.with();
    ScheduledChange change = null;
    if (with != null) {
      CatalogVersion catalog = under(tx, before, with, now);
      ChangeRules.when(before, with, catalog.catalog(), null, now);
      change = new ScheduledChange(parts.ids().next("chg"), now, catalog.version(), with);
    }
    return sold(
        tx,
        lifecycle.endTrial(
            before,
            change,
            version -> parts.catalogs().version(tx, before.catalog(), version),
            now));
  }

  /** The step of an end, at once or later. */
  Revision cancelled(Transaction tx, Subscription before, Cancellation asked) {
    possibilities.check(tx, before, Command.CANCEL);
    Instant now = parts.clocks().now(tx, before.tenant());
    if (asked.at() != null) {
      return lifecycle.cancelAt(before, asked.at(), asked.refund(), now);
    }
    When when =
        asked.when() == null ? own(tx, before).catalog().policies().cancellation() : asked.when();
    return when == When.PERIOD_END
        ? lifecycle.cancelAtPeriodEnd(before, now)
        : lifecycle.cancelNow(before, asked.refund(), now);
  }

  /** The step of a pause, at once or waiting. */
  Revision paused(Transaction tx, Subscription before, PauseWish asked) {
    possibilities.check(tx, before, Command.PAUSE);
    Instant now = parts.clocks().now(tx, before.tenant());
    asked.check(before, now);
    Instant begins = asked.begins(before);
    if (begins == null) {
      return lifecycle.pause(before, asked.resumesAt(), now);
    }
    Change pause = new Change.ToPause(asked.resumesAt(), asked.when() == When.PERIOD_END);
    return lifecycle.schedulePause(
        before, new ScheduledChange(parts.ids().next("chg"), begins, before.version(), pause), now);
  }

  /** Refuses what would wait and cannot be had: a cycle, say, that the plan that waits has not. */
  private Revision sold(Transaction tx, Revision revision) {
    String name = revision.after().catalog();
    for (ScheduledChange waiting : revision.after().scheduled()) {
      if (waiting.change() instanceof Change.ToPlan to) {
        Catalog catalog = parts.catalogs().version(tx, name, waiting.version()).catalog();
        ChangeRules.checkWaiting(to, revision.after().currency(), catalog);
      }
    }
    return revision;
  }

  /**
   * Another plan is bought as it is sold today; more or less of the one that one has, and add-ons,
   * go with the version one has, where it sells them so.
   */
  private CatalogVersion under(Transaction tx, Subscription before, Change change, Instant now) {
    CatalogVersion own = own(tx, before);
    return switch (change) {
      case Change.ToAddOn toAddOn -> own;
      case Change.ToPlan to ->
          before.planAt(now).filter(plan -> plan.key().equals(to.plan())).isPresent()
                  && own.catalog()
                      .plan(to.plan())
                      .flatMap(plan -> plan.price(before.currency(), to.cycle()))
                      .isPresent()
              ? own
              : parts.catalogs().newest(tx, before.catalog()).orElseThrow();
      case Change.ToVersion toVersion ->
          parts.catalogs().newest(tx, before.catalog()).orElseThrow();
      case Change.ToPause toPause -> throw new IllegalArgumentException("is no change of terms");
    };
  }

  /**
   * The step of a migration at the end of the present period, or of the first that does not end
   * before an instant.
   */
  Revision migration(Transaction tx, Subscription before, @Nullable Instant notBefore) {
    Revision atEnd = of(tx, before, new Change.ToVersion(), When.PERIOD_END);
    if (notBefore == null || !notBefore.isAfter(before.current().end())) {
      return atEnd;
    }
    Period around = before.recurrence().at(notBefore);
    Instant at = around.start().equals(notBefore) ? notBefore : around.end();
    ScheduledChange made = atEnd.after().scheduled().getLast();
    ScheduledChange later = new ScheduledChange(made.id(), at, made.version(), made.change());
    return lifecycle.schedule(before, later, atEnd.at());
  }

  private CatalogVersion own(Transaction tx, Subscription subscription) {
    return parts.catalogs().version(tx, subscription.catalog(), subscription.version());
  }
}
