package io.tollgate.proxy;

import io.netty.util.AsciiString;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.decision.Decisions;
import io.tollgate.proxy.forward.Forwarding;
import io.tollgate.proxy.limit.Ticket;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.meter.Metering;
import io.tollgate.proxy.meter.Readings;
import io.tollgate.proxy.meter.Tally;
import io.tollgate.proxy.tenant.Identity;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The calls under way whose cost is not known yet. On one event loop. */
final class RunningCalls {
  private static final CharSequence ACCEPT_ENCODING = AsciiString.cached("Accept-Encoding");
  private static final CharSequence CONTENT_TYPE = AsciiString.cached("Content-Type");
  private static final CharSequence IDENTITY = AsciiString.cached("identity");

  private final Tally tally;
  private final Decisions decisions;
  private final Refusals refusals;
  private final Set<Passage> running = Collections.newSetFromMap(new IdentityHashMap<>());

  RunningCalls(Rooms rooms, Refusals refusals) {
    this.tally = rooms.tally();
    this.decisions = rooms.decisions();
    this.refusals = refusals;
  }

  /** Where the cost is known only later, the exchange is followed. */
  void follow(Passage passage, Forwarding forwarding) {
    Readings readings = passage.plan().readings();
    if (readings.areOfCallsOnly()) {
      return;
    }
    Metering metering = readings.begin(passage.request().headers().get(CONTENT_TYPE));
    passage.metering = metering;
    running.add(passage);
    if (readings.watchBodies()) {
      forwarding.watch(metering);
    }
    if (readings.readEvents()) {
      forwarding.set(ACCEPT_ENCODING, IDENTITY); // what is compressed cannot be counted
    }
  }

  /** Meters the exchanges that run, and cuts off those that may not go on. At an interval. */
  void tick() {
    if (running.isEmpty()) {
      return;
    }
    for (Passage passage : List.copyOf(running)) {
      Identity.Known known = passage.caller;
      Metering metering = passage.metering;
      Forwarding forwarding = passage.forwarding;
      if (!running.contains(passage) || known == null || metering == null || forwarding == null) {
        continue;
      }
      Verdict verdict = passage.verdict;
      Ticket ticket = verdict == null ? null : verdict.ticket();
      metering.onRunning(known.tenant(), passage, tally, ticket);
      if (verdict != null
          && verdict.withdraw(metering::isCutOffBy)
          && decisions.decide(verdict) instanceof Refuse why) {
        forwarding.cutOff(refusals.spent(passage, why), metering.mayInterject());
      }
    }
  }

  /** The exchange is over. */
  void over(Passage passage) {
    if (passage.metering != null) {
      running.remove(passage);
    }
  }
}
