package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.DueWork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What happens to subscriptions by itself, as the agenda brings it. Thread-safe. */
final class Turns {
  private final Subscriptions.Parts parts;
  private final Lifecycle lifecycle;
  private final Revisions revisions;

  Turns(Subscriptions.Parts parts, Lifecycle lifecycle, Revisions revisions) {
    this.parts = parts;
    this.lifecycle = lifecycle;
    this.revisions = revisions;
  }

  /** What the agenda brings: each entry is one instant in one subscription's life. */
  void turn(Transaction tx, List<DueWork> due) {
    Map<String, DueWork> byId = new HashMap<>();
    due.forEach(work -> byId.put(work.subject(), work));
    List<Revision> made = new ArrayList<>();
    for (Subscription before : SubscriptionStore.lock(tx, byId.keySet())) {
      DueWork work = byId.get(before.id());
      if (work != null && isDue(before, work)) {
        made.add(turned(tx, before));
      }
    }
    revisions.keep(tx, "system", made, List.of());
  }

  /** What happens to a subscription next by itself; empty for nothing. */
  Optional<Revision> next(Transaction tx, Subscription before) {
    return Revisions.nextInstant(before) == null
        ? Optional.empty()
        : Optional.of(turned(tx, before));
  }

  /** An entry that a command has overtaken is let go; its new one is on the agenda already. */
  private static boolean isDue(Subscription before, DueWork work) {
    Instant at = Revisions.nextInstant(before);
    return at != null && !at.isAfter(work.now());
  }

  private Revision turned(Transaction tx, Subscription before) {
    return switch (before.state()) {
      case SubscriptionState.Pending pending -> lifecycle.activate(before);
      case SubscriptionState.Paused paused -> paused(tx, before, paused);
      case SubscriptionState.Trial trial -> lifecycle.turn(before, versions(tx, before));
      case SubscriptionState.Active active ->
          pausesNext(before)
              .map(pause -> lifecycle.pause(before, resumption(pause.change()), pause.at()))
              .orElseGet(() -> lifecycle.turn(before, versions(tx, before)));
      case SubscriptionState.Cancelled cancelled -> throw over(before);
      case SubscriptionState.Expired expired -> throw over(before);
      case SubscriptionState.Terminated terminated -> throw over(before);
    };
  }

  private Revision paused(Transaction tx, Subscription before, SubscriptionState.Paused paused) {
    Instant resumesAt = paused.resumesAt();
    Instant endsAt = Revisions.endsInPause(before);
    return endsAt != null && (resumesAt == null || !endsAt.isAfter(resumesAt))
        ? lifecycle.end(before)
        : resumed(tx, before, resumesAt == null ? now(tx, before) : resumesAt);
  }

  /** The pause that waits, if it comes before all else: at one instant before the next period. */
  private static Optional<ScheduledChange> pausesNext(Subscription before) {
    Instant end = before.cancelAt();
    return before
        .waitingPause()
        .filter(pause -> !pause.at().isAfter(before.current().end()))
        .filter(pause -> end == null || pause.at().isBefore(end));
  }

  private static @Nullable Instant resumption(ScheduledChange.Change pause) {
    return pause instanceof ScheduledChange.Change.ToPause to ? to.resumesAt() : null;
  }

  private static IllegalStateException over(Subscription subscription) {
    return new IllegalStateException(subscription.id() + " is over and nothing is due on it");
  }

  private Revision resumed(Transaction tx, Subscription before, Instant at) {
    CatalogVersion own = parts.catalogs().version(tx, before.catalog(), before.version());
    return lifecycle.resume(before, own.catalog().policies(), at);
  }

  private Instant now(Transaction tx, Subscription subscription) {
    return parts.clocks().now(tx, subscription.tenant());
  }

  private IntFunction<CatalogVersion> versions(Transaction tx, Subscription before) {
    return version -> parts.catalogs().version(tx, before.catalog(), version);
  }
}
