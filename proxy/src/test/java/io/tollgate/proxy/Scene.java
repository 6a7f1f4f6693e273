package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.tenant.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A quota, a rate and a concurrency limit, each of a tenant of its own that calls at several times
 * the limit through all proxies, while something befalls them.
 */
final class Scene implements AutoCloseable {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long RATE_TIMES = 4;
  private static final int RATE_CALLERS = 2;
  private static final long CALL_MILLIS = 100;
  private static final Duration PERMIT_TTL = Duration.ofSeconds(2);

  final Size size;
  final Demand quota;
  final Demand rate;
  final Demand permits;
  private final String name;
  private final FakeControlPlane root;

  /** When everything ran, and what the rate had let pass and had been asked for by then. */
  private long wentAt;

  private long wentPassed;
  private long wentOffered;
  private long struckAt;
  private long faultyNanos;

  Scene(String name, Size size, FakeControlPlane root, Upstream upstream, List<Node> nodes) {
    this.name = name;
    this.size = size;
    this.root = root;
    Entitlements ofQuota = tenant("quota").quota("q", size.quota()).entitlements();
    Entitlements ofRate =
        tenant("rate").rate("r", size.rate(), Duration.ofSeconds(1), size.burst()).entitlements();
    Entitlements ofPermits =
        tenant("permits").permits("c", size.permits(), PERMIT_TTL).entitlements();
    List.of(ofQuota, ofRate, ofPermits).forEach(root::put);
    int callers = size.callers();
    long quotaNanos = size.everyMillis() * MILLI;
    long rateNanos = SECOND * nodes.size() * RATE_CALLERS / (RATE_TIMES * size.rate());
    Tally ofCalls = upstream.tally(ofPermits.tenant(), CALL_MILLIS);
    quota = new Demand(ofQuota, upstream.tally(ofQuota.tenant(), 0), nodes, callers, quotaNanos);
    rate = new Demand(ofRate, upstream.tally(ofRate.tenant(), 0), nodes, RATE_CALLERS, rateNanos);
    permits = new Demand(ofPermits, ofCalls, nodes, callers, CALL_MILLIS * MILLI);
  }

  private Sample tenant(String limit) {
    String tenant = name + "-" + limit;
    return Sample.tenant(tenant).key(Sha256.hex("key-" + tenant));
  }

  /** Until all limits have been in use for a while. */
  void underWay() throws InterruptedException {
    Proof.until(
        () -> "calls: " + this,
        () ->
            quota.tally.count() > size.quota() / 5
                && rate.tally.count() > size.rate() / 2
                && permits.tally.mostAtOnce() >= size.permits());
    wentAt = System.nanoTime();
    wentPassed = rate.tally.count();
    wentOffered = rate.offered();
  }

  /** The misfortune begins. */
  void strikes() {
    struckAt = System.nanoTime();
  }

  /** It is over as soon as these proxies say again what they know. */
  void isOver(List<Node> nodes) throws InterruptedException {
    for (Node node : nodes) {
      Callers callers = rate.callers.get(node.number);
      long told = callers.told();
      Proof.until(() -> node.name + " to know: " + this, () -> callers.told() > told);
    }
    faultyNanos += System.nanoTime() - struckAt;
    rate.outages.between(struckAt, System.nanoTime());
  }

  /** Units of the quota that nobody has used yet. */
  long left() {
    return size.quota() - quota.tally.count();
  }

  /** Units of the quota that its root has granted and nobody has used yet. */
  long out() {
    return root.granted(quota.tenant, "q") - quota.tally.count();
  }

  /** Units that calls of one proxy can be under way with. */
  long callers() {
    return size.callers();
  }

  long rateOf(long nanos) {
    return size.rate() * nanos / SECOND;
  }

  long faultyNanos() {
    return faultyNanos;
  }

  /**
   * Until every proxy says that the quota is spent, and goes on to say so, although at least twice
   * as much was asked for; and until all permits are in use at once again.
   */
  void settles() throws InterruptedException {
    permits.tally.beginAnew();
    long[] count = {-1};
    List<Long> before = new ArrayList<>();
    Proof.until(
        () -> "a spent quota: " + this,
        () -> {
          List<Long> refused = quota.refused();
          if (quota.tally.count() != count[0]) {
            count[0] = quota.tally.count();
            before.clear();
            before.addAll(refused);
          }
          boolean all = quota.offered() >= 2 * size.quota();
          for (int i = 0; i < refused.size(); i++) {
            all &= refused.get(i) > before.get(i) + 40;
          }
          return all;
        });
    Proof.until(() -> "permits: " + this, () -> permits.tally.mostOfLate() >= size.permits());
    long passed = rate.tally.count();
    Proof.until(() -> "a rate: " + this, () -> rate.tally.count() > passed + size.rate() / 2);
  }

  /** The callers go, and what passed is compared with the limits. */
  void ends(Tolerance tolerance) {
    long ended = System.nanoTime();
    close();
    String all = toString();
    assertThat(root.granted(quota.tenant, "q")).as("granted: %s", all).isEqualTo(size.quota());
    assertThat((long) quota.tally.count())
        .as("quota: %s", all)
        .isLessThanOrEqualTo(size.quota())
        .isGreaterThanOrEqualTo(size.quota() - tolerance.quotaLost());
    // An admission is at most a tick of the owner's clock early.
    assertThat((long) rate.tally.count())
        .as("rate: %s", all)
        .isLessThanOrEqualTo(fits() + 1 + tolerance.rateOver());
    if (tolerance.rateOver() == 0) {
      // Calls that were admitted may come later, at most as many as can be under way.
      assertThat(rate.tally.overdrawn(size.rate(), size.burst()))
          .as("rate in any stretch of time: %s", all)
          .isLessThanOrEqualTo(rate.atOnce());
    }
    // What leases and a bucket that is full keep from being used is within the burst, each.
    long known = ended - wentAt - rate.outages.nanosSince(wentAt);
    long could = Math.min(rateOf(known), rate.offered() - wentOffered) - 2 * size.burst();
    assertThat(rate.tally.count() - wentPassed)
        .as("rate in %d ms: %s", known / MILLI, all)
        .isGreaterThanOrEqualTo(could);
    assertThat(permits.tally.mostAtOnce())
        .as("permits: %s", all)
        .isLessThanOrEqualTo(size.permits() + tolerance.permitsOver());
    for (Demand demand : List.of(quota, rate, permits)) {
      assertThat(demand.sum(each -> each.odd)).as("odd answers: %s", demand).isZero();
      assertThat(demand.sum(each -> each.hung)).as("no answers: %s", demand).isZero();
    }
  }

  /** What the rate may let pass by the last call. */
  private long fits() {
    return size.burst() + rateOf(rate.tally.last(rate.since) - rate.since);
  }

  @Override
  public void close() {
    quota.close();
    rate.close();
    permits.close();
  }

  @Override
  public String toString() {
    return """
        %s
            quota %d, granted %d; %s
            rate %d/s, burst %d, so at most %d in %d ms, %d of them struck; %s
            permits %d, at once %d; %s\
        """
        .formatted(
            name,
            size.quota(),
            root.granted(quota.tenant, "q"),
            quota,
            size.rate(),
            size.burst(),
            fits(),
            (rate.tally.last(rate.since) - rate.since) / MILLI,
            faultyNanos / MILLI,
            rate,
            size.permits(),
            permits.tally.mostAtOnce(),
            permits);
  }
}
