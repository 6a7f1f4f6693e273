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
 */
public record Tls(Path certificate, Path key, @Nullable Path clientAuthority) {}
