package io.tollgate.proxy.tenant;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The certificate a caller showed when its TLS connection opened. It was verified against the
 * listener's {@code tls.client-authority} before any request could be read. Thread-safe.
 */
public final class PeerCertificate {
  private PeerCertificate() {}

  /**
   * The caller's own certificate, not its issuers'; null on clear text, and where the listener asks
   * for none or the caller has none to show.
   */
  public static @Nullable X509Certificate of(HttpServerRequest request) {
    SSLSession session = request.connection().sslSession();
    if (session == null) {
      return null;
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }
}
