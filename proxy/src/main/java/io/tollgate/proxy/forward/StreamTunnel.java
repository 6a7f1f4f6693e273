package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.http.Tunnel;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.function.BooleanSupplier;

/** A caller's HTTP/2 stream that left HTTP by extended CONNECT (RFC 8441): its data frames. */
final class StreamTunnel implements Tunnel {
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Caller caller;
  private final BooleanSupplier arrived;
  private final Unread unread;
  private boolean gone;

  /**
   * A tunnel on a stream whose request is paused and whose answer has gone out.
   *
   * @param unread counts what the caller has not taken
   */
  StreamTunnel(HttpServerRequest request, Caller caller, Unread unread) {
    this.request = request;
    this.unread = unread;
    this.response = request.response();
    this.caller = caller;
    this.arrived = caller.arrival(request);
  }

  @Override
  public void listen(Bytes bytes) {
    request.handler(buffer -> bytes.onBytes(((BufferInternal) buffer).getByteBuf()));
    request.endHandler(
        end -> {
          caller.ended(request);
          bytes.onEnd();
        });
    unread.whenRoom(bytes::onWritable);
    response.exceptionHandler(
        failure -> {
          gone = true;
          bytes.onClosed();
        });
    // Vert.x tells no failure of a stream whose answer has ended.
    response.closeHandler(
        closed -> {
          if (!arrived.getAsBoolean()) {
            gone = true;
            bytes.onClosed();
          }
        });
  }

  @Override
  public void write(ByteBuf bytes) {
    if (gone || response.ended()) {
      bytes.release();
      return;
    }
    int length = bytes.readableBytes();
    unread.wrote(response.write(BufferInternal.safeBuffer(bytes)), length);
  }

  @Override
  public void end() {
    if (!gone && !response.ended()) {
      var unused = response.end();
    }
  }

  @Override
  public boolean isWritable() {
    return gone || !unread.isFull();
  }

  @Override
  public void pause() {
    if (!request.isEnded()) {
      request.pause();
    }
  }

  @Override
  public void resume() {
    if (!request.isEnded()) {
      request.resume();
    }
  }

  @Override
  public void abort() {
    close(); // resets it
  }

  @Override
  public void close() {
    if (gone) {
      return;
    }
    if (!request.isEnded() || !response.ended()) {
      gone = true;
      var unused = response.reset(Http2Error.CANCEL.code()); // RFC 8441, section 5.1
    }
  }
}
