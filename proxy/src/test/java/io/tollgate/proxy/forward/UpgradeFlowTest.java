package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.caller.Defended;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that have left HTTP and do not read: each side is held back by the other. */
@Timeout(60)
class UpgradeFlowTest {
  private static final String ASK =
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  private static final long FLOOD = 64 << 20;

  @Test
  void whatComesBehindTheUpgrade_ofAnySize_waitsWithItsCaller() throws Exception {
    floodWaitsWithItsCaller(true);
  }

  @Test
  void callerThatDoesNotRead_holdsTheUpstreamBack() throws Exception {
    AtomicLong written = new AtomicLong();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  flood(connection.out(), written);
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(ASK).head()).startsWith("HTTP/1.1 101");
      awaitStanding(written);
      assertThat(written.get()).isPositive().isLessThan(FLOOD);
      assertThat(drain(client.in())).isEqualTo(FLOOD);
    }
  }

  @Test
  void upstreamThatDoesNotRead_holdsTheCallerBack() throws Exception {
    floodWaitsWithItsCaller(false);
  }

  /** Until the upstream reads, which switches then or has switched before. */
  private static void floodWaitsWithItsCaller(boolean switchesThen) throws Exception {
    AtomicLong written = new AtomicLong();
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    BlockingQueue<Long> read = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(switchesThen ? "" : SWITCH);
                  Origin.take(go);
                  connection.send(switchesThen ? SWITCH : "");
                  read.add(drain(connection.in()));
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      client.send(ASK);
      String head = switchesThen ? "" : client.head();
      Thread sender = flooding(client, written);
      awaitStanding(written);
      assertThat(written.get()).isPositive().isLessThan(FLOOD);
      go.add("read");
      assertThat(switchesThen ? client.head() : head).startsWith("HTTP/1.1 101");
      assertThat(read.poll(40, TimeUnit.SECONDS)).isEqualTo(FLOOD);
      sender.join();
    }
  }

  @Test
  void upgradedConnectionsUnread_beyondTheMemory_theOldestMakesRoom() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send(SWITCH);
                  flood(connection.out(), new AtomicLong());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}")) {
      for (int i = 0; i < 9; i++) {
        int before = i;
        clients.add(new RawClient(bench.port()).send(ASK));
        Await.until(
            () -> bench.calls().size() == before + 1 && lying(bench.calls().get(before)) > 0);
      }
      Await.until(() -> bench.ends().equals(List.of("ABORTED")));
      assertThat(bench.defended()).containsExactly(Defended.MEMORY);
      assertThat(clients.getFirst().restOrReset().length()).isLessThan((int) FLOOD);
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private static int lying(Forwarding call) {
    return ((CallRelay) call).lying();
  }

  private static Thread flooding(RawClient client, AtomicLong written) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                flood(client.out(), written);
                client.endOutput();
              } catch (IOException e) {
                // What was not sent is not read: the test sees it.
              }
            });
  }

  private static void flood(OutputStream out, AtomicLong written) throws IOException {
    byte[] piece = new byte[1 << 16];
    while (written.get() < FLOOD) {
      out.write(piece);
      written.addAndGet(piece.length);
    }
  }

  private static long drain(InputStream in) throws IOException {
    byte[] piece = new byte[1 << 16];
    long all = 0;
    try {
      while (all < FLOOD) {
        int read = in.read(piece);
        if (read < 0) {
          return all;
        }
        all += read;
      }
    } catch (SocketException e) {
      return all;
    }
    return all;
  }

  /** Until it has begun and grows no more, because nobody reads. */
  private static void awaitStanding(AtomicLong written) throws InterruptedException {
    long before = -1;
    for (int i = 0; i < 200 && (written.get() == 0 || written.get() != before); i++) {
      before = written.get();
      Thread.sleep(200);
    }
  }
}
