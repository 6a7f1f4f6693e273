package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.tollgate.proxy.http.FieldNames;
import io.tollgate.proxy.http.Leave;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's decoder of requests, as strict as RFC 9112 lets it be. A field line that is folded is
 * refused, in heads and in trailers (section 5.2); netty would join it to the line before. So is a
 * request line whose words are not parted by one space, or that does not stand at its line's
 * beginning (sections 2.2 and 3), where netty takes much for a space, and a chunk extension without
 * a name (section 7.1.1). What comes behind a request that asks to leave HTTP is read when that is
 * answered: until then nobody knows whether it is a request or another protocol's. On the
 * connection's event loop.
 */
final class CallerDecoder extends VertxHttpRequestDecoder {
  /** Its place in Vert.x's pipeline. */
  static final String NAME = "httpDecoder";

  /** Bytes taken behind an Upgrade before it is answered; more stay with the kernel. */
  private static final int MOST_HELD = 64 << 10;

  private static final int LINE_END = 2;

  /** Of each event loop: callers' clients send the same names as others of their kind. */
  private static final FastThreadLocal<FieldNames> NAMES =
      new FastThreadLocal<>() {
        @Override
        protected FieldNames initialValue() {
          return new FieldNames();
        }
      };

  private final FieldNames names = NAMES.get();
  private boolean lineEnded;
  private boolean begun;
  private boolean afterReturn;
  private String wrong = "";
  private boolean refused;
  private int wordEnd;
  private boolean asksToLeave;
  private boolean holds;
  private boolean full;

  /** A decoder for a connection of the calling event loop. */
  CallerDecoder(HttpServerOptions options) {
    super(options);
  }

  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    return names.of(bytes, start, length);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (holds) {
      if (in.readableBytes() > MOST_HELD) {
        full = true;
        ctx.channel().config().setAutoRead(false);
      }
      return;
    }
    int from = in.readerIndex();
    int had = out.size();
    super.decode(ctx, in, out);
    look(in, from, out, had);
  }

  /** One step reads a head, a piece of a body, or lines between and behind pieces. */
  private void look(ByteBuf in, int from, List<Object> out, int had) {
    Object read = out.size() == had ? null : out.get(had);
    int to = in.readerIndex();
    int data = read instanceof HttpContent content ? content.content().readableBytes() : 0;
    if (to - from - data > LINE_END && ChunkLine.isNameless(in, from, to)) {
      wrong = "a chunk extension has no name (RFC 9112, section 7.1.1)";
      refuse(read, out, had);
      return;
    }
    if (data > 0) {
      lineEnded = false; // a body may hold what it likes
    } else {
      lookAtLines(in, from, to);
    }
    if (read instanceof HttpRequest request) {
      if (!wrong.isEmpty()) {
        refuse(request, out, had);
      } else {
        asksToLeave = asksToLeave(request);
      }
      lineEnded = false;
    }
    if (!refused && !out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent last) {
      if (!wrong.isEmpty()) {
        refuse(last, out, out.size() - 1);
      }
      lineEnded = false;
      begun = false;
      holds = asksToLeave;
    }
  }

  private static boolean asksToLeave(HttpRequest request) {
    HttpHeaders fields = request.headers();
    String protocol = fields.get(HttpHeaderNames.UPGRADE);
    return protocol != null
        && request.method().equals(HttpMethod.GET)
        && Leave.isAskedFor(protocol, fields.getAll(HttpHeaderNames.CONNECTION));
  }

  private void refuse(@Nullable Object read, List<Object> out, int at) {
    refused = true;
    DecoderResult why = DecoderResult.failure(new IllegalArgumentException(wrong));
    List<Object> rest = out.subList(at, out.size());
    rest.stream().filter(HttpContent.class::isInstance).forEach(ReferenceCountUtil::release);
    rest.clear();
    if (read instanceof HttpRequest request) {
      request.setDecoderResult(why);
      out.add(request);
    } else {
      LastHttpContent end = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
      end.setDecoderResult(why);
      out.add(end);
    }
  }

  private void lookAtLines(ByteBuf in, int from, int to) {
    for (int i = from; i < to && !begun; i++) {
      begin(in.getByte(i));
    }
    if (hasFold(in, from, to)) {
      wrong = "a field line is folded (RFC 9112, section 5.2)";
    }
  }

  /** Before a request line there may be empty ones, and nothing else. */
  void begin(byte letter) {
    if (letter == '\r' && !afterReturn) {
      afterReturn = true;
      return;
    }
    boolean returned = afterReturn;
    afterReturn = false;
    if (!returned || letter != '\n') {
      begun = true;
      if (returned || letter <= ' ') {
        wrong = "the request line begins with white space (RFC 9112, section 2.2)";
      }
    }
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    wordEnd = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    checkSpace(line, start);
    wordEnd = start + length;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    checkSpace(line, start);
    if (!isVersion(line, start, length)) {
      throw new IllegalArgumentException("the version is not HTTP's (RFC 9112, section 2.3)");
    }
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private void checkSpace(byte[] line, int start) {
    if (start != wordEnd + 1 || line[wordEnd] != ' ') {
      throw new IllegalArgumentException("one space parts its words (RFC 9112, section 3)");
    }
  }

  private static boolean isVersion(byte[] line, int start, int length) {
    return length == 8
        && line[start] == 'H'
        && line[start + 1] == 'T'
        && line[start + 2] == 'T'
        && line[start + 3] == 'P'
        && line[start + 4] == '/'
        && isDigit(line[start + 5])
        && line[start + 6] == '.'
        && isDigit(line[start + 7]);
  }

  private static boolean isDigit(byte letter) {
    return letter >= '0' && letter <= '9';
  }

  /** Whether a line begins with white space, which goes on with the line before. */
  private boolean hasFold(ByteBuf in, int from, int to) {
    if (from == to) {
      return false;
    }
    boolean found = lineEnded && isBlank(in.getByte(from));
    int end = in.indexOf(from, to, (byte) '\n');
    while (!found && end >= 0 && end + 1 < to) {
      found = isBlank(in.getByte(end + 1));
      end = in.indexOf(end + 1, to, (byte) '\n');
    }
    lineEnded = in.getByte(to - 1) == '\n';
    return found;
  }

  static boolean isBlank(byte letter) {
    return letter == ' ' || letter == '\t';
  }

  /** Whether it waits for the answer to a request that asks to leave HTTP. */
  boolean holds() {
    return holds;
  }

  /**
   * That request was answered, and HTTP goes on: what was held back is read, soon. Where HTTP has
   * ended instead, this decoder leaves the pipeline, which passes on what it held.
   */
  void goOn(ChannelHandlerContext ctx) {
    holds = false;
    ctx.executor().execute(() -> readOn(ctx));
  }

  private void readOn(ChannelHandlerContext ctx) {
    if (ctx.isRemoved()) {
      return;
    }
    if (full) {
      full = false;
      ctx.channel().config().setAutoRead(true);
    }
    try {
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
      super.channelReadComplete(ctx);
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  /** netty's decoders read on where they found nothing whole, though nobody shall read. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (holds) {
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }
}
