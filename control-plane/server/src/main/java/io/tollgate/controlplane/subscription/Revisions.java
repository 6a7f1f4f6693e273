package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what became of subscriptions: in one transaction each revision is stored, its next instant
 * put on the agenda, its event published, audited, and told to the listeners. Listeners are added
 * while the program is put together; afterwards thread-safe.
 */
final class Revisions {
  private final Subscriptions.Parts parts;
  private final List<RevisionListener> listeners = new ArrayList<>();
  private Coupons coupons = (tx, subscription, codes) -> {};

  Revisions(Subscriptions.Parts parts) {
    this.parts = parts;
  }

  void listen(RevisionListener listener) {
    listeners.add(listener);
  }

  void redeemCoupons(Coupons desk) {
    coupons = desk;
  }

  Revision keep(Transaction tx, String actor, Revision revision) {
    keep(tx, actor, List.of(revision), List.of());
    return revision;
  }

  /** Keeps some at once; the first one's coupons are redeemed. */
  void keep(Transaction tx, String actor, List<Revision> revisions, List<String> codes) {
    if (revisions.isEmpty()) {
      return;
    }
    SubscriptionStore.save(tx, revisions);
    schedule(tx, revisions);
    parts.outbox().publishAll(tx, revisions.stream().map(Revisions::event).toList());
    parts
        .audit()
        .recordAll(
            tx,
            revisions.stream()
                .sorted(Comparator.comparing(revision -> revision.after().tenant()))
                .map(revision -> line(actor, revision))
                .toList());
    if (!codes.isEmpty()) {
      coupons.redeem(tx, revisions.getFirst().after(), codes);
    }
    listeners.forEach(listener -> listener.revised(tx, revisions));
  }

  /** Keeps a subscription taken over, of which listeners hear with its next step. */
  void bring(Transaction tx, String actor, Revision revision) {
    SubscriptionStore.save(tx, List.of(revision));
    schedule(tx, List.of(revision));
    parts.outbox().publish(tx, event(revision));
    parts.audit().recordAll(tx, List.of(line(actor, revision)));
  }

  private void schedule(Transaction tx, List<Revision> revisions) {
    List<Work> works = new ArrayList<>();
    for (Revision revision : revisions) {
      Subscription after = revision.after();
      Instant next = nextInstant(after);
      if (next == null) {
        parts.agenda().cancel(tx, Subscriptions.TURN, after.id());
      } else {
        works.add(new Work(after.tenant(), Subscriptions.TURN, after.id(), next));
      }
    }
    parts.agenda().scheduleAll(tx, works);
  }

  /** When something next happens by itself; null for never. */
  static @Nullable Instant nextInstant(Subscription subscription) {
    return switch (subscription.state()) {
      case SubscriptionState.Pending pending -> pending.startsAt();
      case SubscriptionState.Trial trial -> earlier(trial.endsAt(), subscription.cancelAt());
      case SubscriptionState.Active active ->
          earlier(
              earlier(subscription.current().end(), subscription.cancelAt()),
              subscription.waitingPause().map(ScheduledChange::at).orElse(null));
      case SubscriptionState.Paused paused ->
          earlier(paused.resumesAt(), endsInPause(subscription));
      case SubscriptionState.Cancelled cancelled -> null;
      case SubscriptionState.Expired expired -> null;
      case SubscriptionState.Terminated terminated -> null;
    };
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    return other == null || (one != null && one.isBefore(other)) ? one : other;
  }

  /** An end at a given instant comes in a pause too; one with the period waits for its rest. */
  static @Nullable Instant endsInPause(Subscription paused) {
    return paused.current().end().equals(paused.cancelAt()) ? null : paused.cancelAt();
  }

  private static Event event(Revision revision) {
    Subscription after = revision.after();
    return new Event(
        after.tenant(),
        "subscription." + revision.command().word(),
        after.id(),
        Wire.document(Map.of("revision", after.revision(), "state", after.state().word())),
        revision.at());
  }

  private static Audit.Line line(String actor, Revision revision) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("at", revision.at().toString());
    details.put("state", revision.after().state().word());
    if (revision.after().state() instanceof SubscriptionState.Trial trial) {
      details.put("trialEndsAt", trial.endsAt().toString());
    }
    if (revision.command() == Command.CHANGE) {
      revision
          .after()
          .waitingPause()
          .ifPresent(pause -> details.put("pausesAt", pause.at().toString()));
    }
    return new Audit.Line(
        actor,
        "subscription." + revision.command().word(),
        revision.id(),
        revision.after().tenant(),
        details);
  }
}
