package io.tollgate.proxy.caller;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpFrame;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.StreamPriority;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Vert.x's interface of a request asks for and a request without a body has nothing to say to:
 * the body is over before anybody listens, and what only servers of pages need is not there.
 */
abstract class BareRequest implements HttpServerRequest {
  private static final String NOT_HERE = "a plain request is only forwarded";

  @Override
  public HttpServerRequest exceptionHandler(@Nullable Handler<Throwable> handler) {
    return this;
  }

  @Override
  public HttpServerRequest handler(@Nullable Handler<Buffer> handler) {
    return this;
  }

  @Override
  public HttpServerRequest pause() {
    return this;
  }

  @Override
  public HttpServerRequest resume() {
    return this;
  }

  @Override
  public HttpServerRequest fetch(long amount) {
    return this;
  }

  @Override
  public HttpServerRequest endHandler(@Nullable Handler<Void> handler) {
    return this;
  }

  @Override
  public boolean isEnded() {
    return true;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  public Future<Buffer> body() {
    return Future.succeededFuture(Buffer.buffer());
  }

  @Override
  public Future<Void> end() {
    return Future.succeededFuture();
  }

  @Override
  public @Nullable HostAndPort authority() {
    return null;
  }

  @Override
  public @Nullable HostAndPort authority(boolean real) {
    return null;
  }

  @Override
  public HttpServerRequest setParamsCharset(String charset) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public String getParamsCharset() {
    return "UTF-8";
  }

  @Override
  public String absoluteURI() {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public Future<NetSocket> toNetSocket() {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<ServerWebSocket> toWebSocket() {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public HttpServerRequest setExpectMultipart(boolean expect) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public boolean isExpectMultipart() {
    return false;
  }

  @Override
  public HttpServerRequest uploadHandler(@Nullable Handler<HttpServerFileUpload> handler) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public MultiMap formAttributes() {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public @Nullable String getFormAttribute(String name) {
    return null;
  }

  @Override
  public HttpServerRequest customFrameHandler(@Nullable Handler<HttpFrame> handler) {
    return this;
  }

  @Override
  public HttpServerRequest streamPriorityHandler(@Nullable Handler<StreamPriority> handler) {
    return this;
  }

  @Override
  public @Nullable Cookie getCookie(String name) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public @Nullable Cookie getCookie(String name, String domain, String path) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public Set<Cookie> cookies(String name) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public Set<Cookie> cookies() {
    throw new UnsupportedOperationException(NOT_HERE);
  }
}
