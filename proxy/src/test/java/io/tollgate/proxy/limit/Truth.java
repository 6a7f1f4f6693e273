package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What really happened, counted at the upstream. */
final class Truth {
  private final Entitlements entitlements;
  private final List<Admitted> calls = new ArrayList<>();

  /** Calls admitted and not refunded, by node and incarnation. */
  final Map<String, Long> kept = new HashMap<>();

  long admitted;
  long refunded;
  long denied;
  long blind;
  long losses;
  long splits;
  long slowestMillis;

  /** Units that may be lost with blocks and with answers on their way, as it is stated. */
  long mayBeLost;

  /** Units on their way back to the root that did not arrive in either of two tries. */
  long returnsLost;

  private final Set<String> failedReturns = new HashSet<>();

  /** By how much a block was larger than it may be. */
  long blockOver;

  /** Calls that wait at a node which has asked nobody for their units. */
  long unasked;

  /** What was admitted, and called for at all, since some time after the last misfortune. */
  long admittedOfLate;

  long calledOfLate;
  long inFlight;
  long mostInFlight;

  /** A call that passed. */
  static final class Admitted {
    private final String by;
    private final long atMillis;
    private boolean refunded;

    Admitted(String by, long atMillis) {
      this.by = by;
      this.atMillis = atMillis;
    }
  }

  Truth(Entitlements entitlements) {
    this.entitlements = entitlements;
  }

  long quotaAmount(String name) {
    return entitlements.quotas().stream()
        .filter(quota -> quota.name().equals(name))
        .mapToLong(QuotaLimit::amount)
        .findFirst()
        .orElseThrow();
  }

  /** An order or a return was lost on its way to the root. */
  void returnFailed(QuotaBlockRequest request) {
    if (!failedReturns.add(request.requestId())) {
      returnsLost += request.returned();
    }
  }

  /** A block goes. */
  void mayLose(long block, long most) {
    mayBeLost += block;
    blockOver = Math.max(blockOver, block - most);
  }

  /** Calls from now on are those of late. */
  void calm() {
    admittedOfLate = -admitted;
    calledOfLate = -called();
  }

  /** No more calls. */
  void silence() {
    admittedOfLate += admitted;
    calledOfLate += called();
  }

  private long called() {
    return admitted + denied + blind;
  }

  Admitted admitted(String by, long nowMillis) {
    Admitted call = new Admitted(by, nowMillis);
    calls.add(call);
    admitted++;
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    kept.merge(by, 1L, Long::sum);
    return call;
  }

  void ended(Admitted call, boolean refund) {
    inFlight--;
    if (refund) {
      call.refunded = true;
      refunded++;
      kept.merge(call.by, -1L, Long::sum);
    }
  }

  /**
   * By how many units an ideal bucket, which sees every call that counted at its moment, would have
   * been overdrawn at worst: 0 when in no stretch of time more passed than burst + refill.
   */
  long overdrawn(RateLimit rate) {
    long per = rate.per().toMillis();
    long full = rate.burst() * per;
    long level = full;
    long refilledAt = 0;
    long worst = 0;
    for (Admitted call : calls) {
      if (!call.refunded) {
        level = Math.min(full, level + (call.atMillis - refilledAt) * rate.amount()) - per;
        refilledAt = call.atMillis;
        // Clocks tick in milliseconds: one tick may be credited early.
        worst = Math.max(worst, (-level - rate.amount() + per - 1) / per);
      }
    }
    return worst;
  }
}
