package io.tollgate.proxy;

import io.netty.util.AsciiString;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.decision.Decision;
import io.tollgate.proxy.http.PreparedFields;
import io.tollgate.proxy.meter.Tally;
import io.tollgate.proxy.tenant.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call leaves for the next one of the same key on the same route: which limits apply, where
 * it is counted, what the upstream is told. With many tenants each look-up costs several loads from
 * memory. Immutable.
 */
final class CallMemo {
  /** A key that calls several routes in turn leaves a new one now and then, not at every call. */
  private static final int NOW_AND_THEN = 15;

  private static final List<AsciiString> TOLD =
      List.of(
          AsciiString.cached("X-Tollgate-Tenant"),
          AsciiString.cached("X-Tollgate-Key"),
          AsciiString.cached("X-Tollgate-Plan"));

  private final RoutePlan plan;
  private final @Nullable Object limits;
  private final Tally.OfMeter[] counters;
  private final Entitlements entitlements;
  private final PreparedFields told;

  /** Whether standing and feature let every call pass. */
  private final boolean open;

  private CallMemo(Passage passage, Identity.Known caller, Entitlements entitlements, Rooms rooms) {
    this.plan = passage.plan();
    this.limits = passage.verdict == null ? null : passage.call.found();
    this.counters = plan.readings().counters(caller.tenant(), rooms.tally());
    this.entitlements = entitlements;
    this.told = tell(caller, entitlements);
    this.open =
        rooms.decisions().gate(entitlements, true, plan.route().feature())
            instanceof Decision.Forward;
  }

  /** What the upstream is told of a caller, as fields that callers cannot send. */
  static PreparedFields tell(Identity.Known caller, Entitlements entitlements) {
    return new PreparedFields(TOLD, List.of(caller.tenant(), caller.keyId(), entitlements.plan()));
  }

  /** What was left for such a call; null where nothing was. */
  @SuppressWarnings("ReferenceEquality") // of a route there is one plan
  static @Nullable CallMemo of(Identity.Known caller, RoutePlan plan) {
    return caller.left() instanceof CallMemo memo && memo.plan == plan ? memo : null;
  }

  /**
   * Reads what the call will need of memory, at once: one thing after the other, each when it is
   * needed, a call would wait for each.
   *
   * @return to be kept somewhere, else nothing would be read
   */
  long fetch() {
    long read = told.fetch();
    for (Tally.OfMeter counter : counters) {
      read += counter.fetch();
    }
    return read;
  }

  /** Whether nothing is to be asked before the limits. */
  @SuppressWarnings("ReferenceEquality") // of a version there is one document
  boolean lets(Entitlements now) {
    return open && entitlements == now;
  }

  /** What the limit room found; null where it was not asked. */
  @Nullable Object limits() {
    return limits;
  }

  /** What the upstream is told; null where the tenant may do something else by now. */
  @SuppressWarnings("ReferenceEquality") // of a version there is one document
  @Nullable PreparedFields told(Entitlements now) {
    return entitlements == now ? told : null;
  }

  /** Counts a call, and leaves what was found for the next. */
  static void record(Passage passage, Identity.Known caller, Rooms rooms) {
    CallMemo memo = passage.memo;
    Entitlements entitlements = passage.entitlements;
    if (entitlements != null
        && (memo == null ? isFirst(passage, caller) : memo.isOutdatedBy(passage, entitlements))) {
      memo = new CallMemo(passage, caller, entitlements, rooms);
      caller.leave(memo);
    }
    if (memo == null) {
      passage.plan().readings().record(caller.tenant(), rooms.tally());
    } else {
      passage.plan().readings().record(memo.counters);
    }
  }

  private static boolean isFirst(Passage passage, Identity.Known caller) {
    return caller.left() == null || (passage.serial() & NOW_AND_THEN) == NOW_AND_THEN;
  }

  @SuppressWarnings("ReferenceEquality") // of what applies there is one object
  private boolean isOutdatedBy(Passage passage, Entitlements now) {
    return entitlements != now || (passage.verdict != null && passage.call.found() != limits);
  }
}
