package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Origins that close connections they had kept, as a call comes on them. */
@Timeout(60)
class StaleConnectionTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

  @Test
  void staleConnection_isRetriedOnceForGet() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(OK);
                  connection.head(); // and closes without an answer
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(origin.accepted()).isEqualTo(2);
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.response()).startsWith("HTTP/1.1 502").contains("closed the connection");
    }
  }

  /** An origin that restarts makes every connection stale at once. */
  @ParameterizedTest
  @ValueSource(ints = {3, 1024})
  void staleConnections_howeverMany_areReplacedByAFreshOne(int most) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  Origin.take(go);
                  connection.send(OK);
                  connection.head(); // and closes without an answer
                });
        ForwardBench bench = new ForwardBench(origin.port(), ", connections: " + most);
        RawClient one = new RawClient(bench.port()).send(GET);
        RawClient two = new RawClient(bench.port()).send(GET);
        RawClient three = new RawClient(bench.port()).send(GET)) {
      Await.until(() -> origin.open() == 3);
      go.countDown();
      for (RawClient client : List.of(one, two, three)) {
        assertThat(client.response()).endsWith("ok");
      }
      assertThat(one.send(GET).response()).endsWith("ok");
      assertThat(bench.retried()).isEqualTo(1);
      assertThat(origin.accepted()).isEqualTo(4);
    } finally {
      go.countDown();
    }
  }

  /** The one that opens is not for a call that can as well be given to one that has served. */
  @Test
  void callsThatWaitedWhileConnectionsWentStale_areAllAnswered() throws Exception {
    AtomicInteger again = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(OK);
                  if (!connection.head().isEmpty()) {
                    again.incrementAndGet();
                    Origin.take(go); // and closes without an answer
                  }
                });
        ForwardBench bench = new ForwardBench(origin.port(), ", connections: 1");
        RawClient one = new RawClient(bench.port());
        RawClient two = new RawClient(bench.port());
        RawClient three = new RawClient(bench.port())) {
      assertThat(one.send(GET).response()).endsWith("ok");
      one.send(GET);
      Await.until(() -> again.get() == 1);
      two.send(GET);
      three.send(GET);
      Await.until(() -> bench.inFlight() == 3);
      go.countDown();
      for (RawClient client : List.of(one, two, three)) {
        assertThat(client.response()).endsWith("ok");
      }
      assertThat(bench.retried()).as("each of them met one that was stale").isEqualTo(3);
      assertThat(origin.accepted()).isEqualTo(4);
    } finally {
      go.countDown();
    }
  }

  /** One that is free again may have gone stale as well. */
  @Test
  void callThatMetAStaleConnection_takesNoneThatServedAtAnotherAddress() throws Exception {
    AtomicInteger held = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    Origin.Script script =
        connection -> {
          boolean used = false;
          for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
            if (used && head.startsWith("GET /stale ")) {
              return;
            }
            if (head.startsWith("POST")) {
              held.incrementAndGet();
              Origin.take(go);
            }
            connection.send(OK);
            used = true;
          }
        };
    try (Origin one = new Origin(script);
        Origin other = new Origin(script);
        ForwardBench bench =
            new ForwardBench(
                null,
                "addresses: [\"127.0.0.1:%d\", \"127.0.0.1:%d\"], connections: 1"
                    .formatted(one.port(), other.port()),
                "");
        RawClient holder = new RawClient(bench.port());
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(client.send(GET).response()).endsWith("ok");
      assertThat(List.of(one.accepted(), other.accepted())).containsExactly(1, 1);
      holder.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
      Await.until(() -> held.get() == 1);
      client.send("GET /stale HTTP/1.1\r\nHost: h\r\n\r\n");
      Await.until(() -> bench.retried() == 1);
      go.countDown();
      assertThat(client.response()).endsWith("ok");
      assertThat(holder.response()).endsWith("ok");
      assertThat(one.accepted() + other.accepted()).isEqualTo(3);
    } finally {
      go.countDown();
    }
  }
}
