package io.tollgate.proxy.limit;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/** A tenant's calls that wait for its cell, the oldest first. Guarded by the tenant's escrow. */
final class WaitingCalls {
  /** Requests a call waits through at most: its units may go to others each time. */
  private static final int ROUNDS = 8;

  private final ArrayDeque<Admission> waiting = new ArrayDeque<>(2);

  /** Decides by policy what the cell or a quota's root left unanswered. */
  private final Consumer<Admission> blindly;

  WaitingCalls(Consumer<Admission> blindly) {
    this.blindly = blindly;
  }

  void add(Admission admission) {
    waiting.add(admission);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Adds what they need to their counters. */
  void addNeeds(Counters counters, long now) {
    for (Admission admission : waiting) {
      admission.addNeeds(now);
      counters.note(admission);
    }
  }

  /** Decides what can be decided after an answer. */
  void resolve(Counters counters, long now, Aftermath after) {
    for (int i = waiting.size(); i > 0; i--) {
      Admission admission = waiting.remove();
      if (admission.takeGranted(now)) {
        if (admission.runsLow()) {
          counters.note(admission);
        }
        after.decided(admission);
      } else if (admission.refused(now)) {
        if (admission.mayRecall(now)) {
          after.recall(admission);
          waiting.add(admission);
        } else {
          after.decided(admission);
        }
      } else if (!admission.awaitsBlock(now)
          && admission.wasAsked(now)
          && admission.nextRound() > ROUNDS) {
        admission.refuseUnknown(now);
        after.decided(admission);
      } else {
        waiting.add(admission);
      }
    }
    after.recalled.forEach(counter -> counter.recalling(now));
  }

  /** Decides those that have waited as long as any call does. */
  void decideOverdue(long now, Aftermath after) {
    while (!waiting.isEmpty() && waiting.peek().isOverdue(now)) {
      Admission admission = waiting.remove();
      if (!admission.take(now)) {
        admission.tellRootIsSilent(now);
        blindly.accept(admission);
      }
      after.decided(admission);
    }
  }

  /** Decides those that wait for a root that is known to be silent. */
  void decideRootless(long now, Aftermath after) {
    for (int i = waiting.size(); i > 0; i--) {
      Admission admission = waiting.remove();
      if (admission.isRootSilent(now)) {
        blindly.accept(admission);
        after.decided(admission);
      } else {
        waiting.add(admission);
      }
    }
  }
}
