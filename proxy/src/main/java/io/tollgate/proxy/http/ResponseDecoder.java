package io.tollgate.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.impl.headers.HeadersMultiMap;

/** Reads answers into Vert.x's header maps and knows which have no body. On one event loop. */
public final class ResponseDecoder extends HttpResponseDecoder {
  private static final int LARGEST_LINE = 16 << 10;
  private static final int LARGEST_HEAD = 256 << 10;
  private static final int LARGEST_PIECE = 64 << 10;

  /** Every answer has room for trailers, nearly none has any: these are small while empty. */
  private static final HttpHeadersFactory TRAILERS =
      new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
          return HeadersMultiMap.httpHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
          return HeadersMultiMap.httpHeaders();
        }
      };

  private final FieldNames names;
  private boolean head;
  private boolean resting;

  /**
   * A decoder for one connection.
   *
   * @param names of the event loop
   */
  public ResponseDecoder(FieldNames names) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(LARGEST_LINE)
            .setMaxHeaderSize(LARGEST_HEAD)
            .setMaxChunkSize(LARGEST_PIECE)
            .setTrailersFactory(TRAILERS));
    this.names = names;
  }

  /** Whether the next answer is one to HEAD. */
  public void expectHead(boolean answersHead) {
    head = answersHead;
  }

  /** Whether the connection rests: then nothing may come. */
  public void rest(boolean rests) {
    resting = rests;
  }

  /** Whether more has come than the messages decoded so far. */
  public boolean hasMore() {
    return actualReadableBytes() > 0;
  }

  /** Bytes that no request asked for are nobody's answer (RFC 9112, section 6.3). */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
    if (resting) {
      ReferenceCountUtil.release(input);
      var unused = ctx.close();
      return;
    }
    super.channelRead(ctx, input);
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    if (!isStatus(initialLine[1])) {
      throw new IllegalArgumentException("a status has three digits");
    }
    // Names and values are checked once, where they enter the caller's response.
    return new DefaultHttpResponse(
        HttpVersion.valueOf(initialLine[0]),
        HttpResponseStatus.valueOf(Integer.parseInt(initialLine[1]), initialLine[2]),
        HeadersMultiMap.httpHeaders(null));
  }

  /** RFC 9112, section 4. */
  private static boolean isStatus(String code) {
    return code.length() == 3
        && code.charAt(0) >= '1'
        && code.charAt(0) <= '9'
        && code.charAt(1) >= '0'
        && code.charAt(1) <= '9'
        && code.charAt(2) >= '0'
        && code.charAt(2) <= '9';
  }

  // The words of a status line are as few as the names.

  @Override
  protected String splitFirstWordInitialLine(byte[] bytes, int start, int length) {
    return names.of(bytes, start, length).toString();
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] bytes, int start, int length) {
    return names.of(bytes, start, length).toString();
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] bytes, int start, int length) {
    return names.of(bytes, start, length).toString();
  }

  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    return names.of(bytes, start, length);
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return head || super.isContentAlwaysEmpty(message);
  }
}
