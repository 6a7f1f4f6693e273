package io.tollgate.proxy;

import io.netty.util.AsciiString;
import io.tollgate.contract.Entitlements;
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

  private CallMemo(Passage passage, Identity.Known caller, Entitlements entitlements, Tally tally) {
    this.plan = passage.plan();
    this.limits = passage.verdict == null ? null : passage.call.found();
    this.counters = plan.readings().counters(caller.tenant(), tally);
    this.entitlements = entitlements;
    this.told = tell(caller, entitlements);
  }

  /** What the upstream is told of a caller, as fields that callers cannot send. */
  static PreparedFields tell(Identity.Known caller, Entitlements entitlements) {
    return new PreparedFields(TOLD, List.of(caller.tenant(), caller.keyId(), entitlements.plan()));
  }

  /** What was left for such a call; null where nothing was. */
  @SuppressWarnings("ReferenceEquality") // of a route there is one plan
  static @Nullable CallMemo of(Identity.Known caller, RoutePlan plan) {
    return caller.memo().get() instanceof CallMemo memo && memo.plan == plan ? memo : null;
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
  static void record(Passage passage, Identity.Known caller, Tally tally) {
    CallMemo memo = passage.memo;
    Entitlements entitlements = passage.entitlements;
    if (entitlements != null
        && (memo == null ? isFirst(passage, caller) : memo.isOutdatedBy(passage, entitlements))) {
      memo = new CallMemo(passage, caller, entitlements, tally);
      caller.memo().leave(memo);
    }
    if (memo == null) {
      passage.plan().readings().record(caller.tenant(), tally);
    } else {
      passage.plan().readings().record(memo.counters);
    }
  }

  private static boolean isFirst(Passage passage, Identity.Known caller) {
    return caller.memo().get() == null || (passage.serial() & NOW_AND_THEN) == NOW_AND_THEN;
  }

  @SuppressWarnings("ReferenceEquality") // of what applies there is one object
  private boolean isOutdatedBy(Passage passage, Entitlements now) {
    return entitlements != now || (passage.verdict != null && passage.call.found() != limits);
  }
}
