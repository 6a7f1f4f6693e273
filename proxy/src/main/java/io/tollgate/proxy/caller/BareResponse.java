package io.tollgate.proxy.caller;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Vert.x's interface of an answer asks for and an answer that is only passed on does not need:
 * its variants said by the others, and what only servers of pages use, which is not there.
 */
abstract class BareResponse implements HttpServerResponse {
  private static final String NOT_HERE = "the answer to a plain request is only passed on";

  @Override
  public HttpServerResponse putHeader(String name, String value) {
    headers().set(name, value);
    return this;
  }

  @Override
  public HttpServerResponse putHeader(CharSequence name, CharSequence value) {
    headers().set(name, value);
    return this;
  }

  @Override
  public HttpServerResponse putHeader(String name, Iterable<String> values) {
    headers().set(name, values);
    return this;
  }

  @Override
  public HttpServerResponse putHeader(CharSequence name, Iterable<CharSequence> values) {
    headers().set(name, values);
    return this;
  }

  @Override
  public HttpServerResponse putTrailer(String name, String value) {
    trailers().set(name, value);
    return this;
  }

  @Override
  public HttpServerResponse putTrailer(CharSequence name, CharSequence value) {
    trailers().set(name, value);
    return this;
  }

  @Override
  public HttpServerResponse putTrailer(String name, Iterable<String> values) {
    trailers().set(name, values);
    return this;
  }

  @Override
  public HttpServerResponse putTrailer(CharSequence name, Iterable<CharSequence> values) {
    trailers().set(name, values);
    return this;
  }

  @Override
  public Future<Void> write(String chunk, String charset) {
    return write(Buffer.buffer(chunk, charset));
  }

  @Override
  public Future<Void> write(String chunk) {
    return write(Buffer.buffer(chunk));
  }

  @Override
  public Future<Void> end(String chunk) {
    return end(Buffer.buffer(chunk));
  }

  @Override
  public Future<Void> end(String chunk, String charset) {
    return end(Buffer.buffer(chunk.getBytes(Charset.forName(charset))));
  }

  @Override
  public Future<Void> end() {
    return end(Buffer.buffer());
  }

  @Override
  public HttpServerResponse setWriteQueueMaxSize(int most) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public HttpServerResponse closeHandler(@Nullable Handler<Void> handler) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public HttpServerResponse endHandler(@Nullable Handler<Void> handler) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public HttpServerResponse headersEndHandler(@Nullable Handler<Void> handler) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public HttpServerResponse bodyEndHandler(@Nullable Handler<Void> handler) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public Future<Void> writeContinue() {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<Void> writeEarlyHints(MultiMap hints) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<Void> sendFile(String name, long offset, long length) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<Void> sendFile(FileChannel file, long offset, long length) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<Void> sendFile(RandomAccessFile file, long offset, long length) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public int streamId() {
    return -1;
  }

  @Override
  public Future<HttpServerResponse> push(
      HttpMethod method, HostAndPort authority, String path, MultiMap fields) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public Future<Void> writeCustomFrame(int type, int flags, Buffer payload) {
    return Future.failedFuture(NOT_HERE);
  }

  @Override
  public HttpServerResponse addCookie(Cookie cookie) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public @Nullable Cookie removeCookie(String name, boolean invalidate) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public Set<Cookie> removeCookies(String name, boolean invalidate) {
    throw new UnsupportedOperationException(NOT_HERE);
  }

  @Override
  public @Nullable Cookie removeCookie(
      String name, String domain, String path, boolean invalidate) {
    throw new UnsupportedOperationException(NOT_HERE);
  }
}
