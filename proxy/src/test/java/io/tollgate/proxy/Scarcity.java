package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.tenant.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Scenes in which nothing goes wrong but that too much is asked for. Leases live for longer than
 * the scenes wait: what one proxy holds another gets by recall, or not at all.
 */
final class Scarcity {
  private static final long MILLI = 1_000_000;
  private static final int PERMITS = 6;
  private static final long CALL_MILLIS = 100;
  private static final long QUOTA = 2_000;
  private static final int CALLERS = 10;
  private static final long EVERY_MILLIS = 10;

  /** Less than a lease lives. */
  private static final long PATIENCE_SECONDS = 30;

  private final FakeControlPlane root;
  private final Upstream upstream;
  private final List<Node> nodes;

  Scarcity(FakeControlPlane root, Upstream upstream, List<Node> nodes) {
    this.root = root;
    this.upstream = upstream;
    this.nodes = nodes;
  }

  /** One proxy has all permits and no call; then the others need them, and then it does again. */
  String idlePermits() throws InterruptedException {
    Entitlements tenant =
        tenant("idle-permits").permits("c", PERMITS, Duration.ofMinutes(1)).entitlements();
    Tally tally = upstream.tally(tenant.tenant(), CALL_MILLIS);
    root.put(tenant);
    List<Callers> all = new ArrayList<>();
    try {
      all.add(callers(tenant, nodes.get(0)));
      Proof.until(() -> "permits of one", () -> tally.mostAtOnce() >= PERMITS);
      all.get(0).hold(true);
      Proof.until(() -> "no calls", () -> all.get(0).underWay() == 0 && tally.atOnce(0) == 0);
      long began = System.nanoTime();
      tally.beginAnew();
      all.add(callers(tenant, nodes.get(1)));
      all.add(callers(tenant, nodes.get(2)));
      Proof.until(
          PATIENCE_SECONDS,
          () -> "idle permits, of which others have " + tally.mostOfLate(),
          () -> tally.mostOfLate() >= PERMITS);
      long recalled = System.nanoTime() - began;
      all.get(0).hold(false);
      Proof.until(PATIENCE_SECONDS, () -> "a permit again", () -> tally.atOnce(0) > 0);
      // Before they hang up: a call whose caller has gone still runs upstream.
      int most = tally.mostAtOnce();
      all.forEach(Callers::close);
      assertThat(most).as("at once").isEqualTo(PERMITS);
      assertThat(all).as("odd answers").allMatch(each -> each.odd.sum() + each.hung.sum() == 0);
      return "idle permits: %d of %d calls passed, at most %d at once; others had all after %d ms"
          .formatted(tally.count(), offered(all), most, recalled / MILLI);
    } finally {
      all.forEach(Callers::close);
    }
  }

  private static long offered(List<Callers> all) {
    return all.stream().mapToLong(each -> each.offered.sum()).sum();
  }

  private static Callers callers(Entitlements tenant, Node node) {
    Outages ignored = new Outages(System.nanoTime());
    return new Callers(ignored, tenant.tenant(), node, PERMITS, CALL_MILLIS * MILLI);
  }

  /**
   * All proxies call for one quota as fast as they are answered, up to its end and beyond: all of
   * it is used, and whoever asks for more is told that it is spent, not that nobody knows.
   */
  String endOfAQuota() throws InterruptedException {
    Entitlements tenant = tenant("end-of-quota").quota("q", QUOTA).entitlements();
    Tally tally = upstream.tally(tenant.tenant(), 0);
    root.put(tenant);
    Demand demand = new Demand(tenant, tally, nodes, CALLERS, EVERY_MILLIS * MILLI);
    try {
      Proof.until(
          () -> "the end of a quota: " + demand,
          () ->
              tally.count() >= QUOTA
                  && demand.offered() >= 2 * QUOTA
                  && demand.refused().stream().allMatch(each -> each > QUOTA / 20));
    } finally {
      demand.close();
    }
    assertThat((long) tally.count()).as("used: %s", demand).isEqualTo(QUOTA);
    assertThat(root.granted(tenant.tenant(), "q")).isEqualTo(QUOTA);
    assertThat(demand.sum(each -> each.unknown)).as("503: %s", demand).isZero();
    assertThat(demand.sum(each -> each.odd) + demand.sum(each -> each.hung)).isZero();
    return "end of a quota of %d: %s".formatted(QUOTA, demand);
  }

  private static Sample tenant(String name) {
    return Sample.tenant(name).key(Sha256.hex("key-" + name));
  }
}
