package io.tollgate.controlplane.web;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateEvent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * A connection with requests at work: nothing is sent on it meanwhile, and that is no reason to
 * close it, or an import that takes minutes would commit and nobody be told. On the connection's
 * event loop.
 */
final class Attended extends ChannelDuplexHandler {
  private int atWork;

  /** A request of the connection is begun. */
  static void begin(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      ChannelHandlerContext last = base.channelHandlerContext();
      ChannelPipeline pipeline = last.pipeline();
      Attended attended = pipeline.get(Attended.class);
      if (attended == null) {
        attended = new Attended();
        pipeline.addBefore(last.name(), null, attended);
      }
      attended.atWork++;
    }
  }

  /** One that was begun is answered. */
  static void end(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      Attended attended = base.channelHandlerContext().pipeline().get(Attended.class);
      if (attended != null) {
        attended.atWork--;
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (atWork == 0 || !(event instanceof IdleStateEvent)) {
      context.fireUserEventTriggered(event);
    }
  }
}
