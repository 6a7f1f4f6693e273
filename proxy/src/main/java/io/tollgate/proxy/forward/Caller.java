package io.tollgate.proxy.forward;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a caller's connection, worked out once for all its requests. */
final class Caller {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private final String address;
  private final boolean trusted;
  private final AsciiString addressField;
  private final AsciiString scheme;
  private final String forwardedFor;
  private final CallerChannel channel;
  private final @Nullable Gate gate;
  private String lastHost = "\0"; // no host
  private AsciiString lastForwarded = AsciiString.EMPTY_STRING;
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

  /** What stands before the connection; null where nothing does. */
  @Nullable Gate gate() {
    return gate;
  }

  /** Nothing more is taken from this connection. */
  void refuse() {
    refused = true;
  }

  boolean isRefused() {
    return refused;
  }

  /** What Vert.x does not tell of this connection. */
  CallerChannel channel() {
    return channel;
  }

  /** The peer's address, or "unknown". */
  String address() {
    return address;
  }

  /** Whether its Forwarded fields are believed. */
  boolean trusted() {
    return trusted;
  }

  /** The same as a field's value. */
  AsciiString addressField() {
    return addressField;
  }

  /** http or https. */
  AsciiString scheme() {
    return scheme;
  }

  /**
   * {@code for=ADDRESS;proto=SCHEME;host="HOST"}: this hop's element of Forwarded (RFC 7239); a
   * caller that names no host has none there.
   */
  AsciiString forwarded(String host) {
    if (!host.equals(lastHost)) {
      lastHost = host;
      lastForwarded =
          new AsciiString(host.isEmpty() ? forwardedFor : forwardedFor + ";host=\"" + host + '"');
    }
    return lastForwarded;
  }

  /** Splits a comma-separated list of tokens. */
  static List<String> tokens(String list) {
    List<String> tokens = new ArrayList<>(2);
    for (String token : list.split(",", -1)) {
      String name = token.strip();
      if (!name.isEmpty()) {
        tokens.add(name);
      }
    }
    return tokens;
  }
}
