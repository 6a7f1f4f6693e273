package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.tollgate.proxy.http.HeadWriter;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ShutdownEvent;
import io.vertx.core.net.impl.VertxConnection;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1: trailers come with the last piece of the body. Plain requests are served from here,
 * past Vert.x's own objects; the others are Vert.x's. Whichever has a request under way, those that
 * follow wait for its answer, so that answers keep their order.
 */
final class Http1CallerChannel extends ChannelDuplexHandler implements CallerChannel {
  private static final String ENCODER = "httpEncoder";
  private static final int MOST_WAITING = 8;

  /** Where Vert.x goes down it answers what is under way, and what waits behind that. */
  private static final int MOST_ANSWERED = 2;

  private final VertxConnection connection;
  private final ChannelHandlerContext server;
  private final PlainTaker shared;
  private final HeldReading intake;
  private final Tails tails = new Tails();
  private final ArrayDeque<Object> waiting = new ArrayDeque<>(2);
  private @Nullable ChannelHandlerContext self;
  private @Nullable CallerDecoder decoder;
  private @Nullable ChannelHandlerContext encoder;

  /** The answer to the plain request under way. */
  private @Nullable PlainResponse answer;

  private @Nullable ShutdownEvent shutdown;

  /** Whether Vert.x takes no more requests. */
  private boolean closing;

  /** Requests that are Vert.x's and not answered. */
  private int passed;

  /** Whether one of them is still being read. */
  private boolean passing;

  /** Whether the end of a plain request is still to come. */
  private boolean endDue;

  private boolean reading;
  private boolean takingUp;
  private boolean flushDue;

  /**
   * A listener for one connection.
   *
   * @param connection Vert.x's
   * @param plain who takes plain requests
   */
  Http1CallerChannel(VertxConnection connection, PlainTaker plain) {
    this.connection = connection;
    this.server = connection.channelHandlerContext();
    this.shared = plain;
    this.intake = new HeldReading(server.channel());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    self = ctx;
    encoder = ctx.pipeline().context(ENCODER);
    decoder = strict(ctx.pipeline());
  }

  /** In clear text the gate has seen to it before there was a request: now one is being read. */
  private @Nullable CallerDecoder strict(ChannelPipeline pipeline) {
    ChannelHandler known = pipeline.get(CallerDecoder.NAME);
    if (known instanceof CallerDecoder own) {
      return own;
    }
    if (known == null || pipeline.get(StayWithHttp1.UPGRADER) != null) {
      return null;
    }
    CallerDecoder made = new CallerDecoder(shared.reading());
    pipeline.replace(CallerDecoder.NAME, CallerDecoder.NAME, made);
    return made;
  }

  /** What came behind a request to leave HTTP is read when all is answered, and HTTP goes on. */
  private void goOn() {
    CallerDecoder reader = decoder;
    if (reader != null
        && reader.holds()
        && answer == null
        && waiting.isEmpty()
        && passed == 0
        && !passing
        && !endDue) {
      reader.goOn(self().pipeline().context(reader));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = true;
    if (intake.isHeld() && message instanceof HttpContent piece) {
      intake.came(piece.content().readableBytes());
    }
    if (waiting.isEmpty() && (answer == null || endDue)) {
      read(ctx, message);
      return;
    }
    waiting.addLast(message);
    if (waiting.size() == MOST_WAITING) {
      intake.crowded(true);
    }
  }

  private void read(ChannelHandlerContext ctx, Object message) {
    if (endDue) {
      endDue = false;
      ReferenceCountUtil.release(message); // its empty end
      goOn();
      return;
    }
    if (message instanceof HttpRequest request) {
      Http1Head.speak(request);
      Handler<HttpServerRequest> taker = shared.handler();
      if (taker != null && passed == 0 && !passing && PlainRequest.is(request)) {
        endDue = true;
        PlainResponse due = new PlainResponse(this);
        answer = due;
        connection
            .context()
            .emit(new PlainRequest((HttpConnection) connection, request, due), taker);
        return;
      }
      tails.begin(request.headers());
      Http1Head.tellClose(request.headers());
      passed += closing ? 0 : 1;
      passing = true;
    } else if (message instanceof LastHttpContent last) {
      passing = false;
      tails.end(last);
      ctx.fireChannelRead(message);
      goOn();
      return;
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    if (flushDue) {
      flushDue = false;
      ctx.flush();
    }
    ctx.fireChannelReadComplete();
  }

  /** Vert.x's answers pass here: with the last of them, plain requests can be served again. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (passed == 1 && goesDown() && message instanceof HttpResponse last) {
      Http1Head.announceClose(last);
    }
    if (message instanceof HttpResponse head
        && head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      Http1Head.answerAs11(head);
    }
    if (passed > 0
        && message instanceof LastHttpContent
        && !(message instanceof HttpResponse response && response.status().code() < 200)) {
      passed--;
      goOn();
    }
    var unused = ctx.write(message, promise);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    PlainResponse due = answer;
    if (due != null && ctx.channel().isWritable()) {
      due.drained();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    PlainResponse due = answer;
    answer = null;
    if (due != null) {
      due.callerLeft();
    }
    forgetWaiting();
    ctx.fireChannelInactive();
  }

  /** Vert.x closes a connection that goes down and answers nothing: it does not know of ours. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ShutdownEvent due) {
      closing = true;
      passed = Math.min(passed, MOST_ANSWERED);
      if (answer != null) {
        shutdown = due;
        return;
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  // For the answer to a plain request.

  /** Writes a message for netty's encoder. */
  void write(Object message) {
    var unused = self().write(message, connection.voidPromise);
  }

  /** Writes bytes as they go to the caller. */
  void writeEncoded(ByteBuf bytes) {
    ChannelHandlerContext ctx = encoder;
    if (ctx == null) {
      bytes.release();
      throw new IllegalStateException("no HTTP is spoken here any more");
    }
    var unused = ctx.write(bytes, connection.voidPromise);
  }

  /** For the heads of answers. */
  HeadWriter writer() {
    return shared.writer();
  }

  ByteBufAllocator allocator() {
    return self().alloc();
  }

  /** Sends what was written, at once or with what is read in the same breath. */
  void flushUnlessReading() {
    if (reading) {
      flushDue = true;
    } else {
      self().flush();
    }
  }

  /** Whether the connection closes behind this answer (RFC 9112, section 9.6). */
  boolean goesDown() {
    return shared.goesDown().getAsBoolean();
  }

  boolean isWritable() {
    return self().channel().isWritable();
  }

  @Override
  public void pause() {
    intake.hold();
  }

  @Override
  public void resume() {
    intake.resume();
  }

  /** Breaks the connection off. */
  void close() {
    var unused = connection.close();
  }

  /** The plain request is answered: the next one's turn. */
  void answered() {
    answer = null;
    ShutdownEvent due = shutdown;
    if (due != null) {
      shutdown = null;
      forgetWaiting();
      self().fireUserEventTriggered(due);
      return;
    }
    if (!waiting.isEmpty() && !takingUp) {
      takeUp();
    }
    goOn();
  }

  private void takeUp() {
    ChannelHandlerContext ctx = self();
    boolean within = reading;
    boolean full = waiting.size() >= MOST_WAITING;
    takingUp = true;
    reading = true;
    while (!waiting.isEmpty() && (answer == null || endDue)) {
      read(ctx, waiting.removeFirst());
    }
    takingUp = false;
    if (full && waiting.size() < MOST_WAITING) {
      intake.crowded(false);
    }
    if (!within) {
      channelReadComplete(ctx);
    }
  }

  private void forgetWaiting() {
    while (!waiting.isEmpty()) {
      ReferenceCountUtil.release(waiting.removeFirst());
    }
  }

  private ChannelHandlerContext self() {
    ChannelHandlerContext ctx = self;
    if (ctx == null) {
      throw new IllegalStateException("not on a connection");
    }
    return ctx;
  }

  @Override
  public @Nullable HttpHeaders trailers(HttpServerRequest request) {
    return tails.take(request.headers());
  }

  @Override
  public boolean isBodiless(HttpServerRequest request) {
    return request.isEnded();
  }

  @Override
  public void informational(HttpServerRequest request, int code, HttpHeaders fields) {
    var unused =
        server.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(code),
                Unpooled.EMPTY_BUFFER,
                fields,
                EmptyHttpHeaders.INSTANCE),
            server.voidPromise());
  }
}
