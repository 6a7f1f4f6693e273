package io.tollgate.examples.benchmarks;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.sun.management.OperatingSystemMXBean;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.grid.hazelcast.Bucket4jHazelcast;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.hazelcast.ClusterSettings;
import io.tollgate.proxy.limit.hazelcast.LimitCluster;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Two members of one Hazelcast cluster in this process, which both decide: Tollgate from leases,
 * Bucket4j by an entry processor a decision, each on three limits of the same number of tenants.
 * CPU is the whole process's, the members' own included.
 */
final class ClusterDecisions implements AutoCloseable {
  private static final int BLOCKING_THREADS = 8;
  private static final long AMPLE = 1_000_000_000L;

  private final List<LimitCluster> members = new ArrayList<>();
  private final List<HazelcastInstance> hazelcasts = new ArrayList<>();
  private final Entitlements[] tenants;

  ClusterDecisions(int tenants) throws IOException {
    this.tenants = Tenants.ample(tenants);
    int[] ports = {Programs.freePort(), Programs.freePort()};
    List<String> addresses = IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).toList();
    String cluster = "benchmark-" + ports[0];
    for (int port : ports) {
      String node = "node-" + port;
      members.add(
          LimitCluster.join(
              new ClusterSettings(
                  cluster, node, "127.0.0.1", port, addresses, Duration.ofSeconds(1)),
              LimitSettings.DEFAULT,
              null,
              alert -> {}));
      hazelcasts.add(Hazelcast.getHazelcastInstanceByName(cluster + "-" + node + "-" + port));
    }
  }

  /** Decisions per CPU second of one round. */
  long ours(int seconds) throws InterruptedException {
    return perCpuSecond(
        seconds, members.size(), member -> new Callers(members.get(member), tenants));
  }

  /** The same by Bucket4j on the same members. */
  long bucket4j(int seconds) throws InterruptedException {
    BucketConfiguration limits =
        BucketConfiguration.builder()
            .addLimit(limit -> limit.capacity(AMPLE).refillGreedy(AMPLE, Duration.ofSeconds(1)))
            .addLimit(limit -> limit.capacity(AMPLE).refillGreedy(AMPLE, Duration.ofMinutes(1)))
            .addLimit(limit -> limit.capacity(AMPLE).refillIntervally(AMPLE, Duration.ofDays(30)))
            .build();
    List<ProxyManager<String>> managers = new ArrayList<>();
    for (HazelcastInstance hazelcast : hazelcasts) {
      managers.add(
          Bucket4jHazelcast.entryProcessorBasedBuilder(hazelcast.<String, byte[]>getMap("bucket4j"))
              .build());
    }
    return perCpuSecond(
        seconds,
        BLOCKING_THREADS * managers.size(),
        thread -> {
          ProxyManager<String> manager = managers.get(thread % managers.size());
          return () -> {
            String key = tenants[ThreadLocalRandom.current().nextInt(tenants.length)].tenant();
            return manager.getProxy(key, () -> limits).tryConsume(1) ? 1 : 0;
          };
        });
  }

  /** Some decisions of one thread: how many admitted. */
  @FunctionalInterface
  interface Decider {
    long decide();
  }

  private static long perCpuSecond(int seconds, int threads, IntFunction<Decider> deciders)
      throws InterruptedException {
    LongAdder admitted = new LongAdder();
    AtomicBoolean running = new AtomicBoolean(true);
    List<Thread> workers = new ArrayList<>();
    long began = cpuNanos();
    for (int i = 0; i < threads; i++) {
      Decider decider = deciders.apply(i);
      workers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (running.get()) {
                      admitted.add(decider.decide());
                    }
                  }));
    }
    Thread.sleep(Duration.ofSeconds(seconds));
    running.set(false);
    for (Thread worker : workers) {
      worker.join();
    }
    return admitted.sum() * 1_000_000_000L / Math.max(1, cpuNanos() - began);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Operations on the cluster per request of one tenant that calls both members at this rate. */
  double operationsPerRequest(int perSecond, int seconds) {
    Entitlements[] one = {Tenants.ample("hot-" + perSecond)};
    List<Callers> callers = members.stream().map(member -> new Callers(member, one)).toList();
    var unused = paced(callers, perSecond, 2);
    long before = operations();
    long requests = paced(callers, perSecond, seconds);
    return (double) (operations() - before) / requests;
  }

  private static long paced(List<Callers> callers, int perSecond, int seconds) {
    long began = System.nanoTime();
    long done = 0;
    for (long elapsed = 0; elapsed < seconds * 1_000_000_000L; ) {
      long due = elapsed / 1_000 * perSecond / 1_000_000;
      for (; done < due; done++) {
        callers.get((int) (done % callers.size())).one();
      }
      LockSupport.parkNanos(200_000);
      elapsed = System.nanoTime() - began;
    }
    return done;
  }

  private long operations() {
    return members.stream().mapToLong(member -> member.limits().figures().requests()).sum();
  }

  /**
   * Units admitted beyond their quotas, over so many tenants that call both members until nothing
   * more passes.
   */
  long overAdmitted(int quotas, long amount) {
    Entitlements[] all = new Entitlements[quotas];
    for (int i = 0; i < quotas; i++) {
      all[i] = Tenants.quota("scarce-" + i, 1, List.of(), amount);
    }
    List<Callers> callers = members.stream().map(member -> new Callers(member, all)).toList();
    for (long call = 0; call < 4 * amount * quotas; call++) {
      callers.get((int) (call % callers.size())).one();
    }
    callers.forEach(Callers::await);
    long over = 0;
    for (int i = 0; i < quotas; i++) {
      int tenant = i;
      long admitted = callers.stream().mapToLong(each -> each.admitted(tenant)).sum();
      over += Math.max(0, admitted - amount);
    }
    return over;
  }

  @Override
  public void close() {
    members.forEach(LimitCluster::close);
  }
}
