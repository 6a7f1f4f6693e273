package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Callers that leave while their body waits here unread, on every transport there is. */
@Timeout(60)
class LeavingCallersTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String UPLOAD = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ";

  /** How a caller leaves. */
  enum Way {
    CLOSES,
    ENDS_ITS_OUTPUT,
    RESETS;

    void leave(RawClient caller) throws Exception {
      switch (this) {
        case CLOSES -> caller.close();
        case ENDS_ITS_OUTPUT -> assertThat(caller.endOutput().restOrReset()).isEmpty();
        case RESETS -> caller.reset();
      }
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(Transport.NIO, Transport.EPOLL, Transport.IO_URING)
        .filter(Objects::nonNull)
        .filter(Transport::available)
        .flatMap(
            transport ->
                Stream.of(Way.values()).map(way -> Arguments.of(transport.name(), way, transport)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("ways")
  void callerWhoseBodyWaitsForAConnection_leaves_itsPlaceIsFree(
      String name, Way way, Transport transport) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
                    Origin.take(go);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                  }
                });
        ForwardBench bench = bench(transport, origin, ", connections: 1, pending: 1");
        RawClient first = new RawClient(bench.port()).send(GET)) {
      Await.until(() -> bench.inFlight() == 1);
      for (int i = 0; i < 3; i++) {
        try (RawClient leaving = new RawClient(bench.port())) {
          leaving.send(UPLOAD + "60000\r\n\r\n" + "x".repeat(50_000));
          Await.until(() -> bench.inFlight() == 2);
          way.leave(leaving);
          Await.until(() -> bench.inFlight() == 1);
        }
      }
      try (RawClient last = new RawClient(bench.port()).send(GET)) {
        Await.until(() -> bench.inFlight() == 2);
        go.countDown();
        assertThat(first.response()).startsWith("HTTP/1.1 200");
        assertThat(last.response()).startsWith("HTTP/1.1 200");
      }
      List<String> ends = List.of("ABORTED", "ABORTED", "ABORTED", "ANSWERED", "ANSWERED");
      Await.until(() -> bench.ends().equals(ends));
    } finally {
      go.countDown();
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("ways")
  void callerWhoseWholeBodyWaitsForAConnection_leaves_itsPlaceIsFree(
      String name, Way way, Transport transport) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin = Origin.waiting(go);
        ForwardBench bench = bench(transport, origin, ", connections: 1");
        RawClient first = new RawClient(bench.port()).send(GET);
        RawClient leaving = new RawClient(bench.port())) {
      Await.until(() -> bench.inFlight() == 1);
      leaving.send(UPLOAD + "50000\r\n\r\n" + "x".repeat(50_000) + GET + GET);
      Await.until(() -> bench.inFlight() == 2);
      way.leave(leaving);
      Await.until(() -> bench.inFlight() == 1);
      Await.until(() -> bench.ends().equals(List.of("ABORTED")));
      go.countDown();
      assertThat(first.response()).startsWith("HTTP/1.1 502");
    } finally {
      go.countDown();
    }
  }

  private static ForwardBench bench(Transport transport, Origin origin, String upstream)
      throws Exception {
    return new ForwardBench(
        Vertx.builder().withTransport(transport).build(),
        "addresses: [\"127.0.0.1:" + origin.port() + "\"]" + upstream,
        "");
  }
}
