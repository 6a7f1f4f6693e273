package io.tollgate.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In whatever pieces bytes come: a fold may be told from a line only by the next one. */
class CallerDecoderTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n";
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final EmbeddedChannel channel =
      new EmbeddedChannel(new CallerDecoder(new HttpServerOptions()));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void foldedHead_isRefused_andNothingBehindItIsRead(int piece) {
    send(GET + "X: a\r\n b\r\n\r\n" + GET + "\r\n", piece);
    assertThat(read()).singleElement().satisfies(CallerDecoderTest::isRefused);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void foldedTrailer_isRefused(int piece) {
    send(CHUNKED + "1\r\na\r\n0\r\nX: a\r\n\tb\r\n\r\n" + GET + "\r\n", piece);
    List<HttpObject> read = read();
    assertThat(read.get(0).decoderResult().isSuccess()).isTrue();
    assertThat(read.get(read.size() - 1)).isInstanceOf(LastHttpContent.class);
    isRefused(read.get(read.size() - 1));
    assertThat(read).filteredOn(HttpRequest.class::isInstance).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void bodiesWithLinesThatBeginWithSpaces_areRead_andWhatFollowsThem(int piece) {
    send(CHUNKED + "4\r\n\n a\n\r\n2\r\n \t\r\n0\r\nX: a\r\n\r\n", piece);
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n \n a", piece);
    send(GET + "\r\n", piece);
    List<HttpObject> read = read();
    assertThat(read).allMatch(message -> message.decoderResult().isSuccess());
    assertThat(read).filteredOn(HttpRequest.class::isInstance).hasSize(3);
    assertThat(read).filteredOn(LastHttpContent.class::isInstance).hasSize(3);
  }

  private void send(String text, int piece) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += piece) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
    }
  }

  private List<HttpObject> read() {
    List<HttpObject> read = new ArrayList<>();
    for (HttpObject next = channel.readInbound(); next != null; next = channel.readInbound()) {
      read.add(next);
      if (next instanceof HttpContent content) {
        content.release();
      }
    }
    return read;
  }

  private static void isRefused(HttpObject message) {
    assertThat(message.decoderResult().cause()).hasMessageContaining("folded");
  }
}
