package io.tollgate.examples.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What a decision costs on one thread when the node's leases suffice: three limits, tenants drawn
 * at random, so that each call's memory is as cold as so many tenants make it.
 */
final class LocalDecisions {
  private static final int BATCH = 64;
  private static final int BATCHES = 1 << 14;

  /** Calls that make a tenant's leases last for the measurement. */
  private static final int WARM_UP = 3_000;

  private final LeasedLimits limits;
  private final CellsAtHand cells;
  private final Entitlements[] tenants;
  private final Call call = new Call(Runnable::run);
  private final Continuation then = verdict -> verdict.ticket().keep();

  LocalDecisions(int tenants) {
    this.cells = new CellsAtHand(System::currentTimeMillis);
    this.limits =
        new LeasedLimits(
            cells,
            new LimitSettings(
                Duration.ofSeconds(1),
                StoreDown.CLOSED,
                Duration.ofMillis(400),
                Duration.ofMinutes(1)),
            System::nanoTime,
            null,
            alert -> {});
    this.tenants = Tenants.ample(tenants);
  }

  /**
   * Figures of the local decision.
   *
   * @param nanos median of batches
   * @param bytes allocated per decision
   * @param operations on the cells while it was measured
   */
  record Result(double nanos, double bytes, long operations) {}

  /**
   * Measures in a JVM with the options the proxy is started with: how memory is laid out is half of
   * what a decision costs. They are those of {@code proxy/bin/tollgate-proxy}.
   */
  static Result inItsOwnJvm(int tenants, int rounds) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:+UseSerialGC",
            "-Xms24m",
            "-Xmx96m",
            "-XX:MaxNewSize=16m",
            "-XX:SurvivorRatio=20",
            "-XX:GCCardSizeInBytes=128",
            "-XX:+UseCompactObjectHeaders"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            LocalDecisions.class.getName(),
            Integer.toString(tenants),
            Integer.toString(rounds)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("the local decisions were not measured: " + said);
    }
    String[] figures = said.strip().split(" ", 3);
    return new Result(
        Double.parseDouble(figures[0]), Double.parseDouble(figures[1]), Long.parseLong(figures[2]));
  }

  /** Arguments: tenants, rounds. Prints nanoseconds, bytes and operations. */
  public static void main(String[] args) {
    Result result = new LocalDecisions(Integer.parseInt(args[0])).run(Integer.parseInt(args[1]));
    System.out.println(result.nanos() + " " + result.bytes() + " " + result.operations());
  }

  Result run(int rounds) {
    for (Entitlements tenant : tenants) {
      for (int i = 0; i < WARM_UP; i++) {
        decide(tenant);
      }
    }
    int[] order = new Random(1).ints(BATCH * BATCHES, 0, tenants.length).toArray();
    var unused = measure(order);
    List<Result> results = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      results.add(measure(order));
    }
    results.sort(Comparator.comparingDouble(Result::nanos));
    return results.get(rounds / 2);
  }

  private Result measure(int[] order) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long[] nanos = new long[BATCHES];
    long operations = cells.requests();
    long allocated = threads.getThreadAllocatedBytes(thread);
    for (int batch = 0; batch < BATCHES; batch++) {
      long began = System.nanoTime();
      for (int i = batch * BATCH; i < batch * BATCH + BATCH; i++) {
        decide(tenants[order[i]]);
      }
      nanos[batch] = System.nanoTime() - began;
    }
    long bytes = threads.getThreadAllocatedBytes(thread) - allocated;
    Arrays.sort(nanos);
    return new Result(
        (double) nanos[BATCHES / 2] / BATCH,
        (double) bytes / order.length,
        cells.requests() - operations);
  }

  private void decide(Entitlements tenant) {
    limits.admit(call.prepare(tenant, "", Tenants.ONE_CALL), then);
  }
}
