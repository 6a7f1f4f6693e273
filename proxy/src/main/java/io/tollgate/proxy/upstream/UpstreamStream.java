package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.tollgate.proxy.http.PreparedFields;
import org.jspecify.annotations.Nullable;

/** The upstream side of one exchange. Used on its event loop only. */
public interface UpstreamStream {
  /** Whether the body's framing is the protocol's own (HTTP/2), not a header field. */
  boolean framesItself();

  /**
   * Sends the request's head.
   *
   * @param end whether there is no body
   */
  void writeHead(HttpMethod method, String uri, HttpHeaders headers, boolean end);

  /**
   * Sends a request that has no body, with more fields than stand in its map.
   *
   * @param hop what is told of the caller; null for nothing
   * @param told what else is told; null for nothing
   */
  default void writeWhole(
      HttpMethod method,
      String uri,
      HttpHeaders headers,
      @Nullable PreparedFields hop,
      @Nullable PreparedFields told) {
    if (hop != null) {
      hop.into(headers);
    }
    if (told != null) {
      told.into(headers);
    }
    writeHead(method, uri, headers, true);
  }

  /** Sends a piece of the body; takes over the buffer. */
  void writeData(ByteBuf data);

  /** The request is whole. */
  void writeEnd(@Nullable HttpHeaders trailers);

  /** Whether more can be written without piling up. */
  boolean isWritable();

  /** Stops reading the answer. */
  void pause();

  /** Reads on. */
  void resume();

  /** Waits at most so long for the answer's head from now on; called anew it replaces the wait. */
  void awaitHead(long nanos);

  /**
   * Waits at most so long between two pieces of a body, instead of what the upstream's own says.
   */
  void idleAfter(long nanos);

  /** Gives the exchange up; no event follows. */
  void cancel();
}
