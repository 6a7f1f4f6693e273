package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Calls that wait for one of few connections when those end. */
final class WaitingForConnectionTest {
  private static final String CALL = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";

  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void connectionsEnd_thoseThatWaitGetOthers() throws Exception {
    try (Origin origin = new Origin(this::serve);
        ForwardBench bench = new ForwardBench(origin.port(), ", connections: 1");
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port());
        RawClient third = new RawClient(bench.port())) {
      first.send(CALL);
      await(() -> connections.get() == 1);
      second.send(CALL);
      third.send(CALL);
      await(() -> bench.inFlight() == 3);
      end.countDown();
      assertThat(first.head()).startsWith("HTTP/1.1 502");
      assertThat(second.head()).startsWith("HTTP/1.1 200");
      assertThat(third.head()).startsWith("HTTP/1.1 200");
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(last);
      Thread.sleep(5);
    }
  }

  /** The first connection closes without an answer, each other one behind its answer. */
  private void serve(Origin.Connection connection) throws IOException {
    connection.head();
    if (connections.incrementAndGet() == 1) {
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new UncheckedIOException(new IOException(e));
      }
      return;
    }
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }
}
