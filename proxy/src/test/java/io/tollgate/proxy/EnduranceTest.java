package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only shows after a while: memory, connections, permits, reloads. Short in every build; with
 * {@code -Pnightly} sixteen times as long: 1 GiB both ways, 10,000 callers that leave.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class EnduranceTest {
  private static final int TIMES = Integer.getInteger("tollgate.endurance", 1);
  private static final long MIB = 1 << 20;
  private static final long BODY = 64 * MIB * TIMES;
  private static final int LEAVERS = 625 * TIMES;
  private static final int RELOADS = 20 * TIMES;
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

  @TempDir Path directory;

  @Test
  void largeBodies_bothWays_growMemoryByLessThan64Mib() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.in().skipNBytes(BODY);
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
                  send(connection.out(), BODY, () -> {});
                });
        TestProxy proxy = new TestProxy(directory, origin.port(), "");
        RawClient client = new RawClient(proxy.port())) {
      long before = memory();
      AtomicLong most = new AtomicLong();
      Runnable look = () -> most.accumulateAndGet(memory(), Math::max);
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY + "\r\n\r\n");
      send(client.out(), BODY, look);
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      Thread.sleep(500); // nobody reads: the origin must be held back, not its bytes kept here
      look.run();
      for (long read = 0; read < BODY; read += 16 * MIB) {
        client.in().skipNBytes(16 * MIB);
        look.run();
      }
      assertThat((most.get() - before) / MIB).as("MiB of heap and buffers").isLessThan(64);
    }
  }

  @Test
  void callersThatLeave_leakNoConnectionAndNoPermit() throws Exception {
    AtomicBoolean answers = new AtomicBoolean();
    try (Origin origin =
            new Origin(
                connection -> {
                  while (!connection.head().isEmpty()) {
                    if (answers.get()) {
                      connection.send(OK);
                    }
                  }
                });
        TestProxy proxy = new TestProxy(directory, origin.port(), "")) {
      for (int i = 0; i < LEAVERS; i++) {
        try (RawClient client = new RawClient(proxy.port())) {
          client.send(GET);
        }
      }
      answers.set(true);
      // Connections are accepted in turn: when this one is answered, even if only with 429, all
      // that left had theirs.
      try (RawClient last = new RawClient(proxy.port())) {
        assertThat(last.send(GET).response()).startsWith("HTTP/1.1 ");
      }
      await(() -> proxy.inFlight() == 0 && proxy.metric("tollgate_connections") <= 1);
      // A permit is back an instant after its call is over; one that leaked never is.
      await(() -> servesTogether(proxy));
    }
  }

  private static boolean servesTogether(TestProxy proxy) throws IOException {
    List<RawClient> together = new ArrayList<>();
    for (int i = 0; i < TestProxy.PERMITS; i++) {
      together.add(new RawClient(proxy.port()).send(GET));
    }
    boolean all = true;
    for (RawClient client : together) {
      all &= client.response().startsWith("HTTP/1.1 200");
      client.close();
    }
    return all;
  }

  @Test
  void callersThatReset_areNoticedInASecondOrTwo() throws Exception {
    try (Origin silent = new Origin(connection -> connection.rest());
        TestProxy proxy = new TestProxy(directory.resolve("reset"), silent.port(), "")) {
      for (int i = 0; i < 200; i++) {
        RawClient client = new RawClient(proxy.port());
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Thread.sleep(i % 5); // the later the reset, the more of the call has gone on
        client.reset();
      }
      await(() -> proxy.inFlight() == 0);
    }
  }

  @Test
  void reloadsEvery100Millis_dropNothing() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (Origin origin = Origin.answering(OK);
        TestProxy proxy = new TestProxy(directory, origin.port(), "");
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> served = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        served.add(callers.submit(() -> callUntil(done, proxy.port())));
      }
      for (int i = 0; i < RELOADS; i++) {
        proxy.reload(i);
        Thread.sleep(100);
      }
      done.set(true);
      for (Future<Integer> calls : served) {
        assertThat(calls.get(60, TimeUnit.SECONDS)).isGreaterThan(RELOADS);
      }
    }
  }

  private static int callUntil(AtomicBoolean done, int port) throws IOException {
    int calls = 0;
    try (RawClient client = new RawClient(port)) {
      while (!done.get() || calls <= RELOADS) {
        assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200").endsWith("ok");
        calls++;
      }
    }
    return calls;
  }

  private static void send(OutputStream out, long bytes, Runnable look) throws IOException {
    byte[] piece = new byte[1 << 16];
    for (long sent = 0; sent < bytes; sent += piece.length) {
      if (sent % (16 * MIB) == 0) {
        look.run();
      }
      out.write(piece);
    }
  }

  /** Heap that is reached, and buffers outside it. */
  private static long memory() {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return heap
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 1500 && !condition.call(); i++) {
      Thread.sleep(20);
    }
    assertThat(condition.call()).isTrue();
  }
}
