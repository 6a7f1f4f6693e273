package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that wait for one of few connections, or for room on it, when those end. */
@Timeout(60)
final class WaitingForConnectionTest {
  private static final String CALL = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
  private static final String SOON = ", response-timeout: 200ms";
  private static final String HTTP2 = ", protocol: http2, connections: 1";

  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicBoolean answers = new AtomicBoolean();

  @Test
  void connectionsEnd_thoseThatWaitGetOthers() throws Exception {
    try (Origin origin = new Origin(this::serve);
        ForwardBench bench = new ForwardBench(origin.port(), ", connections: 1");
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port());
        RawClient third = new RawClient(bench.port())) {
      wait(() -> connections.get() == 1, bench, first, second, third);
      end.countDown();
      assertThat(first.head()).startsWith("HTTP/1.1 502");
      assertThat(second.head()).startsWith("HTTP/1.1 200");
      assertThat(third.head()).startsWith("HTTP/1.1 200");
    }
  }

  /** The first call has the connection, and the others wait for it. */
  private static void wait(
      Callable<Boolean> hasIt, ForwardBench bench, RawClient first, RawClient... others)
      throws Exception {
    first.send(CALL);
    Await.until(hasIt);
    for (RawClient other : others) {
      other.send(CALL);
    }
    Await.until(() -> bench.inFlight() == 1 + others.length);
  }

  /** The first connection closes without an answer, each other one behind its answer. */
  private void serve(Origin.Connection connection) throws IOException {
    connection.head();
    if (connections.incrementAndGet() == 1) {
      Origin.take(end);
      return;
    }
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  @Test
  void http2ConnectionIsLost_thoseThatWaitForRoomGetAnother() throws Exception {
    try (Http2Peer origin = oneAtATime();
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port());
        RawClient third = new RawClient(bench.port())) {
      wait(() -> origin.streams().size() == 1, bench, first, second, third);
      answers.set(true);
      origin.cut();
      assertThat(first.response()).startsWith("HTTP/1.1 502");
      assertThat(second.response()).startsWith("HTTP/1.1 200");
      assertThat(third.response()).startsWith("HTTP/1.1 200");
      assertThat(origin.accepted()).isEqualTo(2);
    }
  }

  @Test
  void http2UpstreamIsGone_thoseThatWaitForRoomAreTold() throws Exception {
    try (Http2Peer origin = oneAtATime();
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port());
        RawClient third = new RawClient(bench.port())) {
      wait(() -> origin.streams().size() == 1, bench, first, second, third);
      origin.refuse();
      origin.cut();
      assertThat(first.response()).startsWith("HTTP/1.1 502");
      assertThat(second.response()).startsWith("HTTP/1.1 502");
      assertThat(third.response()).startsWith("HTTP/1.1 502");
      Await.until(() -> bench.inFlight() == 0);
    }
  }

  @Test
  void connectionStaysBusy_whoWaitsForItIsToldAfterItsResponseTimeout() throws Exception {
    try (Origin origin = Origin.waiting(end);
        ForwardBench bench = new ForwardBench(origin.port(), ", connections: 1" + SOON)) {
      whoWaitsIsTold(bench, () -> origin.open() == 1);
    } finally {
      end.countDown();
    }
  }

  @Test
  void http2ConnectionStaysFull_whoWaitsForRoomIsToldAfterItsResponseTimeout() throws Exception {
    try (Http2Peer origin = oneAtATime();
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2 + SOON)) {
      whoWaitsIsTold(bench, () -> origin.streams().size() == 1);
    }
  }

  /** A call that is still sending has the connection, for as long as it likes. */
  private static void whoWaitsIsTold(ForwardBench bench, Callable<Boolean> isBusy)
      throws Exception {
    try (RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port())) {
      first.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na");
      Await.until(isBusy);
      assertThat(second.send(CALL).response())
          .startsWith("HTTP/1.1 503")
          .contains("all connections to it are busy");
      Await.until(() -> bench.ends().contains("FAILED NO_CONNECTION"));
      assertThat(bench.inFlight()).isEqualTo(1);
    }
  }

  /** What runs there may run for hours. */
  @Test
  void http2UpstreamSaysGoodbye_thoseThatWaitForRoomGetAnotherConnection() throws Exception {
    try (Http2Peer origin = oneAtATime();
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2);
        RawClient first = new RawClient(bench.port());
        RawClient second = new RawClient(bench.port())) {
      wait(() -> origin.streams().size() == 1, bench, first, second);
      answers.set(true);
      origin.goAway();
      assertThat(second.response()).startsWith("HTTP/1.1 200");
      assertThat(origin.accepted()).isEqualTo(2);
      ok(origin.streams().getFirst());
      assertThat(first.response()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void http2CallerOfOneThatWaitsLeaves_itsPlaceIsFree() throws Exception {
    try (Http2Peer origin = oneAtATime();
        ForwardBench bench = new ForwardBench(origin.port(), HTTP2 + ", pending: 1");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream first = post(caller);
      Await.until(() -> origin.streams().size() == 1);
      post(caller).reset(8);
      Await.until(() -> bench.ends().contains("ABORTED"));
      Http2Peer.Stream third = post(caller);
      Await.until(() -> bench.inFlight() == 2);
      ok(origin.streams().getFirst());
      assertThat(first.next()).contains(":status: 200");
      Await.until(() -> origin.streams().size() == 2);
      ok(origin.streams().getLast());
      assertThat(third.next()).contains(":status: 200");
    }
  }

  private static Http2Peer.Stream post(Http2Peer caller) throws Exception {
    return caller
        .open()
        .head(
            new DefaultHttp2Headers().method("POST").scheme("http").authority("h").path("/"), false)
        .data("abc", false);
  }

  /** One that takes a stream at a time of a connection, and answers those that open from when. */
  private Http2Peer oneAtATime() throws InterruptedException {
    return Http2Peer.origin(
        null,
        Http2Settings.defaultSettings().maxConcurrentStreams(1),
        stream -> {
          if (answers.get()) {
            ok(stream);
          }
        });
  }

  private static void ok(Http2Peer.Stream stream) {
    stream.head(new DefaultHttp2Headers().status("200").add("content-length", "0"), true);
  }
}
