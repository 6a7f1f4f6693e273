package io.tollgate.proxy.caller;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.tollgate.proxy.http.PreparedFields;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a caller's connection, worked out once for all its requests. On the connection's
 * event loop.
 */
public final class Caller {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final List<AsciiString> HOP =
      List.of(
          AsciiString.cached("X-Forwarded-For"),
          AsciiString.cached("X-Forwarded-Proto"),
          AsciiString.cached("Forwarded"),
          AsciiString.cached("X-Forwarded-Host"));

  /** Of a call that names no host. */
  private static final List<AsciiString> HOSTLESS_HOP = HOP.subList(0, 3);

  private final String address;
  private final boolean trusted;
  private final AsciiString addressField;
  private final AsciiString scheme;
  private final String forwardedFor;
  private final CallerChannel channel;
  private final @Nullable Gate gate;
  private String lastHost = "\0"; // no host
  private AsciiString lastForwarded = AsciiString.EMPTY_STRING;
  private String hopHost = "";
  private @Nullable PreparedFields hop;
  private boolean refused;

  Caller(HttpConnection connection, TrustedPeers peers, CallerChannel channel) {
    SocketAddress remote = connection.remoteAddress();
    String host = remote == null ? null : remote.hostAddress();
    this.address = host == null ? "unknown" : host;
    this.trusted = peers.contains(host);
    this.addressField = new AsciiString(address);
    this.scheme = connection.isSsl() ? HTTPS : HTTP;
    String node = address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
    this.channel = channel;
    this.gate =
        connection instanceof ConnectionBase base ? Gate.of(base.channelHandlerContext()) : null;
    this.forwardedFor = "for=" + node + ";proto=" + scheme;
  }

  /** Nothing more is taken from this connection. */
  void refuse() {
    refused = true;
  }

  boolean isRefused() {
    return refused;
  }

  /** The connection's caller may speak now. */
  void speaks() {
    if (gate != null && channel.isMultiplexed()) {
      gate.multiplexed();
    }
  }

  /** A head is whole. */
  void entered() {
    if (gate != null) {
      gate.entered();
    }
  }

  /** A call is over. */
  void left() {
    if (gate != null) {
      gate.left();
    }
  }

  /** Closes the connection if its caller has reset it, which not every transport tells. */
  void lookForReset() {
    if (gate != null) {
      gate.lookForReset();
    }
  }

  /** Bytes pass on a connection that has left HTTP: it is alive. */
  public void tunnelled() {
    if (gate != null && !channel.isMultiplexed()) {
      gate.tunnelled();
    }
  }

  /** The trailers of a request that has ended; null where it has none. To be asked once. */
  public @Nullable HttpHeaders trailers(HttpServerRequest request) {
    return channel.trailers(request);
  }

  /** Whether the head of an HTTP/2 request was its end. */
  public boolean isBodiless(HttpServerRequest request) {
    return channel.isBodiless(request);
  }

  /** Sends a 1xx before the answer. */
  public void informational(HttpServerRequest request, int code, HttpHeaders fields) {
    channel.informational(request, code, fields);
  }

  /** The protocol that an extended CONNECT asks for (RFC 8441); null for any other request. */
  public @Nullable String connectProtocol(HttpServerRequest request) {
    return channel.connectProtocol(request);
  }

  /**
   * Tells from then on, also after the stream is gone, whether all of an HTTP/2 request has come;
   * some of it may still wait to be read.
   */
  public BooleanSupplier arrival(HttpServerRequest request) {
    return channel.arrival(request);
  }

  /**
   * Lets an HTTP/2 caller send more of this request before any of it is read.
   *
   * @return how many bytes more; 0 where that cannot be said to the caller
   */
  public int widen(HttpServerRequest request) {
    return channel.widen(request);
  }

  /** Holds a request's body back: no more of it is read than has been. */
  public void pause(HttpServerRequest request) {
    channel.pause();
    request.pause();
  }

  /** Reads on. */
  public void resume(HttpServerRequest request) {
    channel.resume();
    request.resume();
  }

  /** Breaks off an answer that is over for its sender, and waits for its caller still: HTTP/2. */
  public void cancel(HttpServerRequest request) {
    channel.cancel(request);
  }

  /** The request was read to its end. */
  public void ended(HttpServerRequest request) {
    channel.ended(request);
  }

  /** The peer's address, or "unknown". */
  public String address() {
    return address;
  }

  /** Whether its Forwarded fields are believed. */
  public boolean trusted() {
    return trusted;
  }

  /** The same as a field's value. */
  public AsciiString addressField() {
    return addressField;
  }

  /** http or https. */
  public AsciiString scheme() {
    return scheme;
  }

  /** What the first proxy on a call's way tells of its caller, as fields of the request. */
  public PreparedFields hop(String host) {
    PreparedFields known = hop;
    if (known == null || !host.equals(hopHost)) {
      known =
          host.isEmpty()
              ? new PreparedFields(HOSTLESS_HOP, List.of(addressField, scheme, forwarded(host)))
              : new PreparedFields(HOP, List.of(addressField, scheme, forwarded(host), host));
      hop = known;
      hopHost = host;
    }
    return known;
  }

  /**
   * {@code for=ADDRESS;proto=SCHEME;host="HOST"}: this hop's element of Forwarded (RFC 7239); a
   * caller that names no host has none there.
   */
  public AsciiString forwarded(String host) {
    if (!host.equals(lastHost)) {
      lastHost = host;
      lastForwarded =
          new AsciiString(host.isEmpty() ? forwardedFor : forwardedFor + ";host=\"" + host + '"');
    }
    return lastForwarded;
  }
}
