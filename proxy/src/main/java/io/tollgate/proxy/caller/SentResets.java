package io.tollgate.proxy.caller;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Hears of HTTP/2 streams that netty resets before it has made them: one stream too many, or a head
 * that its HPACK decoder refuses. netty tells nobody, and forgets their numbers; so it would take
 * what is already on its way behind such a head for frames of a stream that never was, and end the
 * connection, where a receiver has to be prepared for them (RFC 9113, section 5.4.2). On the
 * connection's event loop.
 */
final class SentResets extends ChannelOutboundHandlerAdapter {
  private static final int FRAME_HEADER = 9;
  private static final int ERROR_CODE = 4;

  private final Http2ConnectionHandler codec;
  private final CallerMetrics metrics;

  /** Bytes of a frame's payload that are still to come. */
  private int due;

  SentResets(Http2ConnectionHandler codec, CallerMetrics metrics) {
    this.codec = codec;
    this.metrics = metrics;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      look(bytes);
    }
    var unused = ctx.write(message, promise);
  }

  private void look(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (due > 0 ? at < end : end - at >= FRAME_HEADER) {
      if (due == 0) {
        due = bytes.getUnsignedMedium(at);
        boolean reset = bytes.getByte(at + 3) == Http2FrameTypes.RST_STREAM;
        int stream = bytes.getInt(at + 5) & Integer.MAX_VALUE;
        at += FRAME_HEADER;
        if (reset && end - at >= ERROR_CODE) {
          onReset(stream, bytes.getUnsignedInt(at));
        }
      }
      int here = Math.min(due, end - at);
      due -= here;
      at += here;
    }
  }

  private void onReset(int id, long code) {
    Http2Connection connection = codec.connection();
    if (code == Http2Error.REFUSED_STREAM.code()) {
      metrics.defended(Defended.STREAMS);
    }
    if (connection.remote().isValidStreamId(id) && !connection.streamMayHaveExisted(id)) {
      remember(connection.remote(), id);
    }
  }

  /** Makes the stream after all, and closes it, so that its number counts as used. */
  private static void remember(Http2Connection.Endpoint<?> caller, int id) {
    int most = caller.maxActiveStreams();
    caller.maxActiveStreams(Integer.MAX_VALUE);
    try {
      Http2Stream stream = caller.createStream(id, true);
      stream.close();
    } catch (Http2Exception e) {
      // The connection goes down anyway, or the number is older than it should be.
    } finally {
      caller.maxActiveStreams(most);
    }
  }
}
