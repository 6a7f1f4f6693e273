package io.tollgate.proxy.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS to an upstream.
 *
 * @param authority PEM file of the authorities that are trusted; null trusts the JDK's
 * @param serverName the name asked for (SNI) and checked in the certificate; empty takes the
 *     address's host
 * @param verify whether the certificate and its name are checked at all
 * @param certificate PEM file of the certificate shown to the upstream; null shows none
 * @param key PEM file of its PKCS #8 private key; null exactly where the certificate is
 */
public record UpstreamTls(
    @Nullable Path authority,
    String serverName,
    boolean verify,
    @Nullable Path certificate,
    @Nullable Path key) {
  /** The JDK's authorities, the address's host, checked; nothing is shown. */
  public static final UpstreamTls DEFAULT = new UpstreamTls(null, "", true, null, null);

  public UpstreamTls {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("certificate and key: both or none");
    }
  }
}
