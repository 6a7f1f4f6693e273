package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.FreePorts;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which address gets a call, and whether it is sent once more. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class ChoiceTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";

  @Test
  void roundRobin_takesAddressesInTurn() throws Exception {
    try (Origin one = Origin.answering(OK);
        Origin other = Origin.answering(OK);
        ForwardBench bench = bench(", balance: round-robin", one.port(), other.port())) {
      for (int i = 0; i < 10; i++) {
        assertThat(call(bench, GET)).endsWith("ok");
      }
      assertThat(one.heads()).hasSize(5);
      assertThat(other.heads()).hasSize(5);
    }
  }

  @Test
  void leastRequests_leavesOutTheAddressThatIsBusy() throws Exception {
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    AtomicInteger held = new AtomicInteger();
    Origin.Script holding =
        connection -> {
          for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
            if (head.startsWith("POST") && held.getAndIncrement() == 0) {
              Origin.take(go);
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbusy");
          }
        };
    try (Origin busy = new Origin(holding);
        Origin free = Origin.answering(OK);
        ForwardBench bench = bench("", busy.port(), free.port());
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port())) {
      first.send(POST); // one of these two waits at the busy one
      second.send(POST);
      Await.until(() -> held.get() == 1);
      Await.until(() -> bench.inFlight() == 1);
      for (int i = 0; i < 6; i++) {
        assertThat(call(bench, GET)).endsWith("ok");
      }
      go.add("on");
      assertThat(first.response() + second.response()).contains("busy");
    }
  }

  @Test
  void addressThatIsDown_costsNoCallAnything_andIsEjected() throws Exception {
    try (Origin alive = Origin.answering(OK);
        ForwardBench bench =
            bench(", health: {failures: 3, ejection: 1h}", FreePorts.one(), alive.port())) {
      for (int i = 0; i < 20; i++) {
        assertThat(call(bench, POST)).startsWith("HTTP/1.1 200");
      }
      assertThat(bench.ejected()).isEqualTo(1);
      assertThat(bench.retried()).isEqualTo(3);
    }
  }

  @Test
  void ejectedAddress_getsCallsAgain() throws Exception {
    AtomicBoolean works = new AtomicBoolean();
    try (Origin flapping = new Origin(connection -> answerIf(connection, works));
        Origin alive = Origin.answering(OK);
        ForwardBench bench =
            bench(
                ", balance: round-robin, health: {failures: 1, ejection: 200ms}",
                flapping.port(),
                alive.port())) {
      for (int i = 0; i < 4; i++) {
        assertThat(call(bench, GET)).startsWith("HTTP/1.1 200");
      }
      assertThat(bench.ejected()).isPositive();
      works.set(true);
      awaitAnswer(bench, "back");
    }
  }

  @Test
  void failedActiveCheck_takesTheAddressOut_untilOneSucceeds() throws Exception {
    AtomicBoolean well = new AtomicBoolean();
    try (Origin sick =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    boolean check = head.startsWith("GET /health ");
                    connection.send(
                        check && !well.get()
                            ? "HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n"
                            : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsick");
                  }
                });
        Origin alive = Origin.answering(OK);
        ForwardBench bench =
            bench(
                ", balance: round-robin, health: {path: /health, interval: 1s}",
                sick.port(),
                alive.port())) {
      // In turn it would get four of these.
      Await.until(() -> endings(bench, 8).equals("ok".repeat(8)));
      well.set(true);
      awaitAnswer(bench, "sick");
    }
  }

  @Test
  void idempotentCall_whoseConnectionBreaks_isSentOnceMore_withinTheBudget() throws Exception {
    String budget = ", retries: {percent: 0, per-second: 1}, breaker: {failure-percent: 0}";
    AtomicInteger asked = new AtomicInteger();
    try (Origin breaking =
            new Origin(
                connection -> {
                  connection.head();
                  asked.incrementAndGet();
                });
        ForwardBench bench = bench(budget, breaking.port());
        ForwardBench none =
            bench(
                ", retries: {percent: 0, per-second: 0}, breaker: {failure-percent: 0}",
                breaking.port())) {
      assertThat(call(bench, POST)).startsWith("HTTP/1.1 502");
      assertThat(asked).hasValue(1);
      assertThat(call(bench, GET)).startsWith("HTTP/1.1 502");
      assertThat(asked).hasValue(3);
      for (int i = 0; i < 100; i++) {
        assertThat(call(bench, GET)).startsWith("HTTP/1.1 502");
      }
      assertThat(bench.retried()).isBetween(10, 90); // ten in store, and one a second
      assertThat(call(none, GET)).startsWith("HTTP/1.1 502");
      assertThat(none.retried()).isZero();
      assertThat(none.retriesRefused()).isEqualTo(1);
      assertThat(bench.retriesRefused()).isEqualTo(101 - bench.retried());
    }
  }

  @Test
  void idempotentCall_whoseSecondTryWorks_isAnswered() throws Exception {
    AtomicBoolean works = new AtomicBoolean();
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  if (works.getAndSet(true)) {
                    connection.send(OK);
                  }
                });
        ForwardBench bench = bench("", origin.port())) {
      assertThat(call(bench, GET)).startsWith("HTTP/1.1 200").endsWith("ok");
      assertThat(bench.retried()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", response-timeout: 10ms"})
  void connectionThatDoesNotOpenInTime_is504NamingTheCause(String more) throws Exception {
    List<Socket> queue = new ArrayList<>();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fill(deaf, queue); // the kernel drops what else knocks
      try (ForwardBench bench = bench(", connect-timeout: 400ms" + more, deaf.getLocalPort())) {
        assertThat(call(bench, GET))
            .startsWith("HTTP/1.1 504")
            .contains("the connection did not open in time");
        Await.until(() -> bench.ends().contains("FAILED CONNECT_TIMEOUT"));
      }
    } finally {
      for (Socket waiting : queue) {
        waiting.close();
      }
    }
  }

  @Test
  void callBeyondTheQueue_is503AtOnce_andTheQueueIsServed() throws Exception {
    BlockingQueue<String> go = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    Origin.take(go);
                    connection.send(OK);
                  }
                });
        ForwardBench bench = bench(", connections: 1, pending: 1", origin.port());
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port())) {
      first.send(GET);
      Await.until(() -> origin.open() == 1);
      second.send(GET);
      Await.until(() -> bench.inFlight() == 2);
      assertThat(call(bench, GET))
          .startsWith("HTTP/1.1 503")
          .contains("all connections to it are busy");
      go.add("on");
      assertThat(first.response()).endsWith("ok");
      go.add("on");
      assertThat(second.response()).endsWith("ok");
      assertThat(origin.accepted()).isEqualTo(1);
    }
  }

  /** Connects until nobody is let in any more. */
  private static void fill(ServerSocket server, List<Socket> queue) throws IOException {
    try {
      for (int i = 0; i < 64; i++) {
        Socket socket = new Socket();
        queue.add(socket);
        socket.connect(server.getLocalSocketAddress(), 300);
      }
    } catch (SocketTimeoutException full) {
      return;
    }
    throw new AssertionError("the queue of a listener does not fill here");
  }

  @Test
  void name_isResolvedAgain_whenItsTimeToLiveIsOver() throws Exception {
    try (NameServer names = new NameServer("127.0.0.1");
        Origin first = Origin.answering(OK);
        ForwardBench bench =
            byName(
                names,
                first.port(),
                "keep-alive: 1ms, retries: {percent: 0, per-second: 0}, "
                    + "health: {failures: 1000}, breaker: {failure-percent: 0}")) {
      assertThat(call(bench, GET)).startsWith("HTTP/1.1 200");
      names.answer("127.0.0.9"); // where nobody listens
      Await.until(() -> call(bench, GET).startsWith("HTTP/1.1 502"));
      names.answer("127.0.0.1");
      Await.until(() -> call(bench, GET).startsWith("HTTP/1.1 200"));
    }
  }

  /** As of several that are configured. */
  @Test
  void addressOfANameThatIsDown_costsNoCall_whereAnotherIsThere() throws Exception {
    try (NameServer names = new NameServer("127.0.0.1", "127.0.0.9"); // where nobody listens
        Origin origin = Origin.answering(OK);
        ForwardBench bench =
            byName(names, origin.port(), "balance: round-robin, health: {failures: 1000}")) {
      Await.until(
          () -> {
            assertThat(call(bench, GET)).startsWith("HTTP/1.1 200");
            return bench.retried() > 3;
          });
    }
  }

  @Test
  void everyAddressOfAName_getsCallsInTurn_untilItIsGone() throws Exception {
    try (NameServer names = new NameServer("127.0.0.2", "127.0.0.1");
        Origin everywhere = Origin.everywhere();
        ForwardBench bench = byName(names, everywhere.port(), "balance: round-robin")) {
      List<String> both = List.of("127.0.0.1", "127.0.0.2");
      Await.until(() -> Set.copyOf(asked(bench, 2)).equals(Set.copyOf(both)));
      assertThat(asked(bench, 4))
          .containsExactlyInAnyOrder(both.get(0), both.get(0), both.get(1), both.get(1));
      names.answer("127.0.0.3");
      // Connections to the two rest and are kept alive: a call that met one would tell.
      Await.until(() -> asked(bench, 1).contains("127.0.0.3"));
      assertThat(asked(bench, 4)).containsOnly("127.0.0.3");
      names.answer();
      int before = names.asked();
      Await.until(() -> names.asked() > before + 8);
      assertThat(asked(bench, 4)).containsOnly("127.0.0.3");
    }
  }

  /** The addresses at which so many calls were answered. */
  private static List<String> asked(ForwardBench bench, int calls) {
    return Stream.generate(() -> call(bench, GET))
        .limit(calls)
        .map(answer -> answer.substring(answer.indexOf("127.")))
        .toList();
  }

  /** A bench whose upstream is a name that this server knows. */
  private static ForwardBench byName(NameServer names, int port, String more) throws Exception {
    AddressResolverOptions resolver =
        new AddressResolverOptions()
            .addServer("127.0.0.1:" + names.port())
            .setSearchDomains(List.of())
            .setNdots(1);
    return new ForwardBench(
        Vertx.vertx(new VertxOptions().setAddressResolverOptions(resolver)),
        "addresses: [\"api.test:" + port + "\"], " + more,
        "");
  }

  private static ForwardBench bench(String more, int... ports) throws Exception {
    StringBuilder addresses = new StringBuilder();
    for (int port : ports) {
      addresses.append(addresses.isEmpty() ? "" : ", ").append("\"127.0.0.1:").append(port);
      addresses.append('"');
    }
    return new ForwardBench(Vertx.vertx(), "addresses: [" + addresses + "]" + more, "");
  }

  /** Calls until one is answered so: not every one is, as addresses take turns. */
  private static void awaitAnswer(ForwardBench bench, String end) throws InterruptedException {
    String answer = call(bench, GET);
    for (int i = 0; i < 1000 && !answer.endsWith(end); i++) {
      Thread.sleep(20);
      answer = call(bench, GET);
    }
    assertThat(answer).endsWith(end);
  }

  /** The bodies of so many answers of two letters. */
  private static String endings(ForwardBench bench, int calls) {
    StringBuilder endings = new StringBuilder();
    for (int i = 0; i < calls; i++) {
      String answer = call(bench, GET);
      endings.append(answer.substring(answer.length() - 2));
    }
    return endings.toString();
  }

  private static String call(ForwardBench bench, String request) {
    try (RawClient client = new RawClient(bench.port())) {
      return client.send(request).response();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void answerIf(Origin.Connection connection, AtomicBoolean works)
      throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      if (!works.get()) {
        return;
      }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback");
    }
  }
}
