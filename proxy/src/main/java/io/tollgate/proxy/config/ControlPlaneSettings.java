package io.tollgate.proxy.config;

import io.tollgate.yaml.Secret;
import java.net.URI;
import java.time.Duration;

/**
 * Where entitlements come from and usage goes to.
 *
 * @param url base URL, without a path
 * @param token the bearer token; its role is {@code proxy}
 * @param timeout bound on one request
 * @param ship how often the journal is shipped
 */
public record ControlPlaneSettings(URI url, Secret token, Duration timeout, Duration ship) {}
