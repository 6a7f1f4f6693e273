package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.tollgate.proxy.http.Tunnel;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream tells the exchange that waits for it, and asks it. Always on the exchange's
 * event loop.
 */
public interface UpstreamEvents {
  /** How long it waits while all connections are taken, in nanoseconds. */
  long patienceNanos();

  /** A connection is there; the call may begin. */
  void onReady(UpstreamStream stream);

  /** A 1xx answer other than 101. */
  void onInformational(int status, HttpHeaders headers);

  /** The answer's head. */
  void onHead(int status, String reason, HttpHeaders headers);

  /** The upstream switched protocols: from here on bytes. */
  void onUpgrade(int status, HttpHeaders headers, Tunnel tunnel);

  /** A piece of the body; the receiver releases it. */
  void onData(ByteBuf data);

  /** The answer is whole. The last piece of the body, maybe empty; the receiver releases it. */
  void onEnd(ByteBuf data, @Nullable HttpHeaders trailers);

  /** Nothing more to read for now: what is held back should go out. */
  void onReadComplete();

  /** More of the request may be written. */
  void onWritable();

  /** The caller did not read its answer for as long as an upstream may stay silent. */
  void onUnread();

  /**
   * An HTTP/2 upstream reset the stream.
   *
   * @param code the error code of RFC 9113, section 7
   */
  void onReset(long code);

  /**
   * The answer ends here.
   *
   * @param replayable whether a stale pooled connection died before anything came back
   */
  void onFailure(UpstreamFailure failure, boolean replayable);
}
