package io.tollgate.proxy;

import io.tollgate.proxy.forward.ForwardListener.End;
import io.tollgate.proxy.limit.Ticket;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.meter.Metering;
import io.tollgate.proxy.tenant.Identity;

/**
 * What becomes of a call's units when its exchange is over: counted when it is billed, given back
 * to the limits when the upstream failed, waived when its caller left before there was an answer.
 */
final class Settlement {
  private final Rooms rooms;

  Settlement(Rooms rooms) {
    this.rooms = rooms;
  }

  /** Settles a call that was forwarded. */
  void settle(Passage passage, End end) {
    boolean billed = bill(passage);
    Verdict verdict = passage.verdict;
    if (verdict == null) {
      return;
    }
    if (end == End.FAILED) {
      verdict.ticket().refund();
    } else if (!billed && (passage.answered || passage.metering == null)) {
      verdict.ticket().waive(); // also where its caller left before there was an answer to bill
    } else {
      verdict.ticket().keep();
    }
  }

  /** Counts it, where its route bills it. */
  private boolean bill(Passage passage) {
    Identity.Known known = passage.caller;
    if (known == null || !passage.plan().readings().bill(passage)) {
      return false;
    }
    Metering metering = passage.metering;
    if (metering == null) {
      CallMemo.record(passage, known, rooms);
    } else {
      Verdict verdict = passage.verdict;
      Ticket ticket = verdict == null ? null : verdict.ticket();
      metering.onOver(known.tenant(), passage, rooms.tally(), ticket);
    }
    return true;
  }
}
