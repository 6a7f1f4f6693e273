package io.tollgate.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
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

  private final CallerDecoder decoder = new CallerDecoder(new HttpServerOptions());
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

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

  @ParameterizedTest
  @ValueSource(strings = {"5;", "5;;a=b", "5; ", "5;=a", "5;a=b;", "5;a=\"x;\\\"\";", "5 ;"})
  void chunkExtensionWithoutAName_isRefused_inWhateverPieces(String line) {
    for (int piece : new int[] {1, 2, 3, 7, 1000}) {
      EmbeddedChannel one = new EmbeddedChannel(new CallerDecoder(new HttpServerOptions()));
      String first = CHUNKED + "3\r\n5;\n\r\n"; // what a chunk holds is no line
      send(one, first + line + "\r\nabcde\r\n0\r\n\r\n" + GET + "\r\n", piece);
      List<HttpObject> read = read(one);
      assertThat(read).filteredOn(HttpRequest.class::isInstance).hasSize(1);
      HttpObject last = read.get(read.size() - 1);
      assertThat(last).isInstanceOf(LastHttpContent.class);
      assertThat(last.decoderResult().cause()).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "5;a", "5;a=b", "5 ; a = b", "5;a=\"x;\\\"\";b", "005;A=1"})
  void chunkExtensionWithAName_isRead(String line) {
    for (int piece : new int[] {1, 2, 3, 7, 1000}) {
      EmbeddedChannel one = new EmbeddedChannel(new CallerDecoder(new HttpServerOptions()));
      send(one, CHUNKED + line + "\r\n5;;\r\n\r\n0;x\r\nX: a;\r\n\r\n" + GET + "\r\n", piece);
      List<HttpObject> read = read(one);
      assertThat(read).allMatch(message -> message.decoderResult().isSuccess());
      assertThat(read).filteredOn(HttpRequest.class::isInstance).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void whatIsBehindAnUpgrade_isHeld_untilItIsAnswered(int piece) {
    send(GET + "Connection: Upgrade\r\nUpgrade: x\r\n\r\n" + GET + "\r\n", piece);
    assertThat(read()).filteredOn(HttpRequest.class::isInstance).hasSize(1);
    assertThat(decoder.holds()).isTrue();
    decoder.goOn(channel.pipeline().context(decoder));
    channel.runPendingTasks();
    assertThat(read()).filteredOn(HttpRequest.class::isInstance).hasSize(1);
    assertThat(decoder.holds()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void whatIsBehindAnUpgrade_comesAsItIs_whenTheDecoderLeaves(int piece) {
    send(GET + "Connection: Upgrade\r\nUpgrade: x\r\n\r\n\0\1 a\r\n b", piece);
    assertThat(read()).filteredOn(HttpRequest.class::isInstance).hasSize(1);
    channel.pipeline().remove(decoder);
    ByteBuf held = channel.readInbound();
    assertThat(held.toString(StandardCharsets.ISO_8859_1)).isEqualTo("\0\1 a\r\n b");
    held.release();
  }

  private void send(String text, int piece) {
    send(channel, text, piece);
  }

  private static void send(EmbeddedChannel channel, String text, int piece) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += piece) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
    }
  }

  private List<HttpObject> read() {
    return read(channel);
  }

  private static List<HttpObject> read(EmbeddedChannel channel) {
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
