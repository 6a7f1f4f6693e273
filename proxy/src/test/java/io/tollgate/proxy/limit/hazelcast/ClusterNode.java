package io.tollgate.proxy.limit.hazelcast;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A proxy's limits in a JVM of their own, under load from its own threads. What it admits it counts
 * in a mapped file, as an upstream would: the count survives the process.
 *
 * <p>Arguments: node name, own port, all ports by comma, count file. Leaves the cluster in order
 * when its standard input ends.
 */
final class ClusterNode {
  static final long QUOTA = 12_000;
  static final long RATE = 500;
  static final long BURST = 300;
  static final int QUOTA_COUNT = 0;
  static final int RATE_COUNT = 8;
  static final int SLOWEST_MILLIS = 16;
  static final int COUNT_BYTES = 24;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private ClusterNode() {}

  static Entitlements quotaTenant() {
    return Sample.tenant("quota").quota("q", QUOTA).entitlements();
  }

  static Entitlements rateTenant() {
    return Sample.tenant("rate").rate("r", RATE, Duration.ofSeconds(1), BURST).entitlements();
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[1]);
    List<String> members =
        List.of(args[2].split(",")).stream().map(other -> "127.0.0.1:" + other).toList();
    ByteBuffer counts = map(Path.of(args[3]));
    LimitSettings settings =
        new LimitSettings(
            Duration.ofMillis(250),
            StoreDown.CLOSED,
            Duration.ofMillis(200),
            Duration.ofSeconds(1));
    ClusterSettings cluster =
        new ClusterSettings(
            "kill-" + args[2].hashCode(),
            args[0],
            "127.0.0.1",
            port,
            members,
            Duration.ofSeconds(1));
    try (LimitCluster limits = LimitCluster.join(cluster, settings, null, alert -> {})) {
      System.out.println("joined");
      for (int i = 0; i < 2; i++) {
        load(limits, quotaTenant(), counts, QUOTA_COUNT);
        load(limits, rateTenant(), counts, RATE_COUNT);
      }
      while (System.in.read() >= 0) {
        // Runs until the parent closes the pipe, or kills.
      }
    }
    System.exit(0);
  }

  private static void load(
      LimitCluster limits, Entitlements entitlements, ByteBuffer counts, int count) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              Call call = new Call(Runnable::run);
              while (true) {
                long began = System.nanoTime();
                if (admit(limits, call, entitlements)) {
                  var unused = (long) LONGS.getAndAdd(counts, count, 1L);
                }
                slowest(counts, System.nanoTime() - began);
                LockSupport.parkNanos(300_000);
              }
            });
  }

  private static boolean admit(LimitCluster limits, Call call, Entitlements entitlements) {
    CompletableFuture<Boolean> admitted = new CompletableFuture<>();
    limits
        .limits()
        .admit(
            call.prepare(entitlements, "", Sample.ONE_CALL),
            verdict -> {
              verdict.ticket().keep();
              admitted.complete(verdict.admitted());
            });
    try {
      return admitted.get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("an admission hung", e);
    }
  }

  private static void slowest(ByteBuffer counts, long nanos) {
    long millis = nanos / 1_000_000;
    if (millis > (long) LONGS.getVolatile(counts, SLOWEST_MILLIS)) {
      LONGS.setVolatile(counts, SLOWEST_MILLIS, millis);
    }
  }

  static ByteBuffer map(Path file) {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel
          .map(FileChannel.MapMode.READ_WRITE, 0, COUNT_BYTES)
          .order(ByteOrder.nativeOrder());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long read(ByteBuffer counts, int count) {
    return (long) LONGS.getVolatile(counts, count);
  }
}
