package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The limits that apply to the calls of one tenant on one route (and key, where a limit counts by
 * key), at one version of its entitlements. Taking from all of them or from none is a loop over
 * compare-and-sets. Immutable but for the leases it refers to, and for whether it still holds.
 *
 * <p>Nearly always the leases lie one after the other in one array and each call takes one unit;
 * then this object and that array are all a decision reads.
 */
final class AppliedLimits {
  private static final long[] SAME = {};

  final Entitlements entitlements;
  final TenantEscrow escrow;
  final Demand demand;
  final String keyId;

  /** Whether it is one key's. */
  final boolean isByKey;

  /** Where the leases are, if they are in line. */
  final long[] words;

  private final int size;
  private final int first;

  /** Where the leases are, one by one, if they are not. */
  private final Counter @Nullable [] apart;

  /** What a call takes of each limit; 0 where it differs, and then what of which. */
  private final long weight;

  private final long[] weights;
  final CompiledLimit[] limits;
  final Counter[] counters;
  final String policyField;

  /** Whether one of them counts calls in flight, so that a call's end matters. */
  final boolean holdsPermits;

  /** Whether something newer applies, so that it must be looked up. */
  private volatile boolean superseded;

  /** How long the first of its permits lasts unless it is renewed; {@link Long#MAX_VALUE}. */
  final long permitNanos;

  AppliedLimits(
      LimitSet set, boolean isByKey, String keyId, Demand demand, CompiledLimit[] limits) {
    this.entitlements = set.entitlements;
    this.escrow = set.escrow;
    this.demand = demand;
    this.keyId = keyId;
    this.isByKey = isByKey;
    this.limits = limits;
    this.counters = set.escrow.counters(limits, keyId);
    this.size = limits.length;
    long[] each = new long[size];
    long lasts = Long.MAX_VALUE;
    boolean alike = true;
    for (int i = 0; i < size; i++) {
      each[i] = limits[i].weight(demand);
      alike &= each[i] == each[0];
      lasts = Math.min(lasts, permitNanos(i));
    }
    this.weight = size > 0 && alike ? each[0] : 0;
    this.weights = alike ? SAME : each;
    this.policyField = PolicyField.of(limits).intern(); // the same for all tenants of a plan
    this.permitNanos = lasts;
    this.holdsPermits = lasts != Long.MAX_VALUE;
    this.words = size == 0 ? new long[0] : counters[0].words;
    this.first = size == 0 ? 0 : counters[0].at;
    this.apart = areInLine() ? null : counters;
  }

  /** Whether it is what applies to such a call. */
  @SuppressWarnings("ReferenceEquality") // of one document or route there is one object
  boolean isFor(Call call) {
    return entitlements == call.entitlements()
        && demand == call.demand()
        && !superseded
        && (!isByKey || keyId.equals(call.keyId()));
  }

  void supersede() {
    superseded = true;
  }

  @SuppressWarnings("ReferenceEquality") // which array it is counts, not what is in it
  private boolean areInLine() {
    for (int i = 0; i < size; i++) {
      if (counters[i].words != words || counters[i].at != first + i * Leases.WIDTH) {
        return false;
      }
    }
    return true;
  }

  private long[] words(int i) {
    return apart == null ? words : apart[i].words;
  }

  private int at(int i) {
    return apart == null ? first + i * Leases.WIDTH : apart[i].at;
  }

  /** How long a limit's permit lasts unless it is renewed. */
  long permitNanos(int i) {
    LimitDefinition limit = limits[i].definition();
    return limit.kind() == Kind.CONCURRENCY ? limit.ttlMillis() * 1_000_000 : Long.MAX_VALUE;
  }

  /** Units a call takes of a limit. */
  long weight(int i) {
    return weight == 0 ? weights[i] : weight;
  }

  int size() {
    return size;
  }

  /** Units of a limit left at its cell and here, but for those beyond it. */
  long remaining(int i) {
    long[] in = words(i);
    int at = at(i);
    boolean over = Leases.isOver(Leases.mark(in, at));
    return Leases.remaining(in, at) + (over ? 0 : Leases.available(in, at));
  }

  /** When a limit is reset, by the node's time; -1 for never. */
  long resetAt(int i) {
    return Leases.resetAt(words(i), at(i));
  }

  /** Whether the lease on a limit suffices for a call. */
  boolean covers(int i, long now) {
    return Leases.covers(words(i), at(i), weight(i), now);
  }

  /**
   * Takes each weight from the counter's lease and notes the leases' marks; or takes nothing.
   *
   * @return whether it took, and whether a lease runs low
   */
  Taking take(long[] marks, long now) {
    for (int i = 0; i < size; i++) {
      if (!covers(i, now)) {
        return Taking.NOTHING;
      }
    }
    return takeCovered(marks);
  }

  /**
   * The same with leases that were granted for calls that waited: a window that ends while the
   * answer is on its way does not refuse them. Under the tenant's monitor.
   */
  Taking takeGranted(long[] marks, long now) {
    for (int i = 0; i < size; i++) {
      if (!counters[i].coversGranted(weight(i), now)) {
        return Taking.NOTHING;
      }
    }
    return takeCovered(marks);
  }

  private Taking takeCovered(long[] marks) {
    boolean low = false;
    for (int i = 0; i < size; i++) {
      long[] in = words(i);
      int at = at(i);
      marks[i] = Leases.mark(in, at);
      long left = Leases.take(in, at, weight(i));
      if (left < 0) {
        untake(marks, i);
        return Taking.NOTHING;
      }
      low |= left < Leases.lowWater(in, at);
    }
    return low ? Taking.TOOK_LOW : Taking.TOOK;
  }

  /** Another call was faster: what was taken for this one was never used. */
  private void untake(long[] marks, int taken) {
    for (int i = 0; i < taken; i++) {
      counters[i].untake(weight(i), marks[i]);
    }
  }

  /** What became of a taking. */
  enum Taking {
    NOTHING,
    TOOK,
    /** It took, and a lease runs low for which nobody asked yet. */
    TOOK_LOW
  }
}
