package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.tollgate.proxy.caller.Defended;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** WebSockets of HTTP/2 callers (RFC 8441), which are upgrades upstream. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class WebSocketOverHttp2Test {

  @Test
  void webSocketOverHttp2_isAnUpgradeUpstream_andEndsEachWayByItself() throws Exception {
    BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    try (Origin origin =
            new Origin(
                connection -> {
                  String head = connection.head();
                  heads.add(head);
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + "Upgrade: websocket\r\nSec-WebSocket-Protocol: chat\r\n"
                          + ("Sec-WebSocket-Accept: " + Origin.accept(head) + "\r\n\r\nhello"));
                  connection.send("heard " + connection.rest());
                });
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(heads.poll(20, TimeUnit.SECONDS))
          .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nConnection: upgrade\r\n")
          .containsIgnoringCase("\r\nUpgrade: websocket\r\n")
          .containsIgnoringCase("\r\nSec-WebSocket-Version: 13\r\n")
          .doesNotContain(":protocol");
      assertThat(stream.next())
          .contains(":status: 200", "sec-websocket-protocol: chat")
          .doesNotContain("upgrade", "sec-websocket-accept");
      assertThat(stream.next()).isEqualTo("DATA hello");
      stream.data("last words", true);
      assertThat(stream.next()).isEqualTo("DATA heard last words");
      assertThat(stream.next()).isEqualTo("END");
      Await.until(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
    }
  }

  private static void openWebSocket(Origin.Connection connection) throws IOException {
    String accept = Origin.accept(connection.head());
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + ("Sec-WebSocket-Accept: " + accept + "\r\n\r\n"));
    connection.rest();
  }

  @Test
  void webSocketOverHttp2_resetByTheCaller_closesTheUpstream() throws Exception {
    try (Origin origin = new Origin(WebSocketOverHttp2Test::openWebSocket);
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 200");
      stream.reset(8);
      Await.until(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
    }
  }

  @Test
  void webSocketOverHttp2_leftByItsCallerAfterItsUpstreamEnded_isOver() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  String accept = Origin.accept(connection.head());
                  connection.send(
                      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                          + ("Upgrade: websocket\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n"));
                  connection.endOutput();
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (Http2Peer caller = Http2Peer.caller(bench.port())) {
        Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
        assertThat(stream.next()).contains(":status: 200");
        assertThat(stream.next()).isEqualTo("END");
      }
      Await.until(() -> bench.ends().contains("TUNNELLED") && bench.inFlight() == 0);
    }
  }

  @Test
  void webSocketOverHttp2_withoutTraffic_isClosed() throws Exception {
    try (Origin origin = new Origin(WebSocketOverHttp2Test::openWebSocket);
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {idle-timeout: 2s}");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 200");
      assertThat(stream.next()).isEqualTo("RESET 8");
      Await.until(() -> bench.ends().contains("TUNNELLED") && origin.open() == 0);
      Await.until(() -> bench.defended().contains(Defended.IDLE));
    }
  }

  @Test
  void webSocketOverHttp2_refused_keepsStatusFieldsAndBody() throws Exception {
    try (Origin origin =
            Origin.answering("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      Http2Peer.Stream stream = caller.open().head(connect("websocket"), false);
      assertThat(stream.next()).contains(":status: 403", "x-why: no");
      assertThat(stream.next()).isEqualTo("DATA no");
      assertThat(stream.next()).isEqualTo("END");
    }
  }

  @Test
  void webSocketOverHttp2_answeredWithAWrongKey_is502() throws Exception {
    try (Origin origin =
            Origin.answering(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      assertThat(caller.open().head(connect("websocket"), false).next()).contains(":status: 502");
    }
  }

  @Test
  void extendedConnect_ofAnythingElse_is501_andSoIsOneWhoseUpstreamSpeaksHttp2Only()
      throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        ForwardBench http2 = new ForwardBench(origin.port(), ", protocol: http2");
        Http2Peer caller = Http2Peer.caller(bench.port());
        Http2Peer other = Http2Peer.caller(http2.port())) {
      assertThat(caller.open().head(connect("connect-udp"), false).next()).contains(":status: 501");
      assertThat(other.open().head(connect("websocket"), false).next()).contains(":status: 501");
      Http2Headers notConnect = ask("GET", "websocket");
      assertThat(caller.open().head(notConnect, true).next()).isEqualTo("RESET 1");
      assertThat(origin.heads()).isEmpty();
    }
  }

  private static Http2Headers connect(String protocol) {
    return ask("CONNECT", protocol);
  }

  private static Http2Headers ask(String method, String protocol) {
    return new DefaultHttp2Headers()
        .method(method)
        .scheme("http")
        .authority("h")
        .path("/chat?room=1")
        .add(":protocol", protocol)
        .add("sec-websocket-version", "13");
  }
}
