package io.tollgate.proxy.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The port that takes the traffic.
 *
 * @param endpoint host and port
 * @param tls null for clear text
 * @param http2 whether HTTP/2 is spoken: h2c by prior knowledge, or ALPN with TLS
 * @param proxyProtocol whether every connection begins with a PROXY protocol header, v1 or v2
 * @param trustedPeers addresses or CIDR blocks whose Forwarded and X-Forwarded fields are believed
 * @param defence what a caller may ask of the proxy's memory and patience
 */
public record Listener(
    Endpoint endpoint,
    @Nullable Tls tls,
    boolean http2,
    boolean proxyProtocol,
    List<String> trustedPeers,
    Defence defence) {
  public Listener {
    trustedPeers = List.copyOf(trustedPeers);
  }

  /** Whether callers are asked for a certificate. */
  public boolean asksForCertificates() {
    return tls != null && tls.clientAuthority() != null;
  }
}
