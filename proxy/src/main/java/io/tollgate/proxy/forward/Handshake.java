package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.tollgate.proxy.caller.Caller;
import io.tollgate.proxy.http.Leave;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a caller asks to leave HTTP, and how that is asked of an upstream, which is always HTTP/1.1's
 * Upgrade. A WebSocket over HTTP/2 (RFC 8441) has no key of its own, so that one is made here.
 *
 * @param protocol what to switch to
 * @param key the WebSocket key made here; null where the caller's own passes
 */
record Handshake(String protocol, @Nullable String key) {
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  /**
   * What the caller asks for; null where it asks for nothing, or for HTTP/2, which an intermediary
   * speaks for itself.
   */
  static @Nullable Handshake of(HttpServerRequest request, Caller caller) {
    if (request.version() == HttpVersion.HTTP_2) {
      String protocol = caller.connectProtocol(request);
      return protocol == null ? null : new Handshake(protocol, newKey());
    }
    String protocol = request.headers().get(HttpHeaderNames.UPGRADE);
    if (protocol == null
        || request.version() != HttpVersion.HTTP_1_1
        || !request.method().equals(HttpMethod.GET) // Vert.x lets no other go
        || !Leave.isAskedFor(protocol, request.headers().getAll(HttpHeaderNames.CONNECTION))) {
      return null;
    }
    return new Handshake(protocol, null);
  }

  /** Puts it into the fields that go upstream. */
  void into(HttpHeaders fields) {
    fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    fields.set(HttpHeaderNames.UPGRADE, protocol);
    if (key != null) {
      fields.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    }
  }

  /** Whether a 101 with these fields answers it (RFC 6455, section 4.1). */
  boolean isAnsweredBy(HttpHeaders fields) {
    return key == null || accept(key).equals(fields.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT));
  }

  /** Takes out of a 101 what HTTP/2 does not say. */
  void outOf(HttpHeaders fields) {
    if (key != null) {
      fields.remove(HttpHeaderNames.CONNECTION);
      fields.remove(HttpHeaderNames.UPGRADE);
      fields.remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    }
  }

  /** The status that tells the caller: HTTP/2 has no 101. */
  int status() {
    return key == null ? 101 : 200;
  }

  private static String newKey() {
    byte[] nonce = new byte[KEY_BYTES];
    ThreadLocalRandom.current().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
