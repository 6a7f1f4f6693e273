package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What limits cost: a local decision in time and memory, decisions per CPU second beside Bucket4j
 * on the same cluster, operations on the cluster per request, units admitted too many, and how soon
 * a change is in force.
 */
final class LimitsBenchmark {
  private static final int TENANTS = 10_000;
  private static final int HOT_TENANTS = 100;
  private static final int HOT_PER_SECOND = 5_000;
  private static final int DRAWN_PER_SECOND = 15_000;

  private final Path home;
  private final int rounds;
  private final int seconds;

  LimitsBenchmark(Path home, int rounds, int seconds) {
    this.home = home;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  /** What the cluster said. */
  private record Shared(double ratio, double hot, long over) {}

  int run() throws IOException, InterruptedException {
    // Hazelcast in this process tells its life at INFO; the last line is to be the figures.
    System.setProperty("TOLLGATE_LOG", "WARN");
    LocalDecisions.Result local = LocalDecisions.inItsOwnJvm(TENANTS, rounds);
    System.out.printf(
        Locale.ROOT,
        "local decision, 3 limits, %d tenants: %.0f ns median, %.2f bytes%n",
        TENANTS,
        local.nanos(),
        local.bytes());
    double cold = new PlayedTime().onceAMinute(120);
    System.out.printf(Locale.ROOT, "1 request a minute: %.3f operations a request%n", cold);
    double drawn = new PlayedTime().drawn(TENANTS, DRAWN_PER_SECOND);
    System.out.printf(
        Locale.ROOT,
        "%d tenants drawn at random, %d requests/s: %.4f operations a request%n",
        TENANTS,
        DRAWN_PER_SECOND,
        drawn);
    Shared shared = shared();
    long change = LimitChanges.measure(home);
    System.out.println("a change is in force on both proxies: " + change + " ms p99");
    System.out.printf(
        Locale.ROOT,
        "%n{\"bench\":\"limits\",\"decision_ns\":%.0f,\"alloc_bytes\":%.2f,\"vs_bucket4j\":%.0f,"
            + "\"ops_per_request_hot\":%.5f,\"ops_per_request_cold\":%.3f,\"ops_per_request_drawn\":%.4f,"
            + "\"over_admitted\":%d,\"change_p99_ms\":%d}%n",
        local.nanos(),
        local.bytes(),
        shared.ratio(),
        shared.hot(),
        cold,
        drawn,
        shared.over(),
        change);
    return shared.over() == 0 ? 0 : 1;
  }

  private Shared shared() throws IOException, InterruptedException {
    try (ClusterDecisions cluster = new ClusterDecisions(HOT_TENANTS)) {
      double ratio = beside(cluster);
      double hot = cluster.operationsPerRequest(HOT_PER_SECOND, seconds);
      System.out.printf(
          Locale.ROOT, "%d requests/s: %.5f operations a request%n", HOT_PER_SECOND, hot);
      long over = cluster.overAdmitted(50, 1_000);
      System.out.println("50 quotas of 1,000 used up from both members: " + over + " too many");
      return new Shared(ratio, hot, over);
    }
  }

  /** Rounds of both in turn; the ratio of the medians. */
  private double beside(ClusterDecisions cluster) throws InterruptedException {
    List<Long> ours = new ArrayList<>();
    List<Long> theirs = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      long our = cluster.ours(seconds);
      long their = cluster.bucket4j(seconds);
      System.out.printf(
          Locale.ROOT,
          "round %d  Tollgate %,11d  Bucket4j %,9d decisions per CPU second%n",
          round,
          our,
          their);
      if (round > 0) {
        ours.add(our);
        theirs.add(their);
      }
    }
    return (double) median(ours) / median(theirs);
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
