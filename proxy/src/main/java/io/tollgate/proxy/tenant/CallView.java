package io.tollgate.proxy.tenant;

import io.vertx.core.http.HttpServerRequest;

/** What a call says of itself, as the room that forwards it reads it too. Thread-safe. */
public interface CallView {
  /** The host the call is for, with its port if it has one; empty for none. */
  String host(HttpServerRequest request);

  /** The path as it was written, without its query. */
  String path(HttpServerRequest request);

  /** Whether the peer's word on others is taken. */
  boolean isTrusted(HttpServerRequest request);
}
