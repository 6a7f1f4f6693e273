package io.tollgate.proxy.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS on a listener.
 *
 * @param certificate PEM file with the chain, the leaf first
 * @param key PEM file with the PKCS #8 private key
 * @param clientAuthority PEM file of the authorities that sign client certificates; null asks no
 *     client for one
 * @param clientCertificate whether a client without a certificate may come in; one with a wrong
 *     certificate never may
 */
public record Tls(
    Path certificate,
    Path key,
    @Nullable Path clientAuthority,
    ClientCertificate clientCertificate) {
  /** What is asked of clients where there is an authority. */
  public enum ClientCertificate {
    /** Without one the handshake fails. */
    REQUIRED,
    /** Those who have none are known by other credentials. */
    OPTIONAL
  }
}
