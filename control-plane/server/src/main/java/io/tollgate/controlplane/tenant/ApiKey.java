package io.tollgate.controlplane.tenant;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it may be shown: without its secret, which is stored as a hash only.
 *
 * @param name what the tenant calls it
 * @param revokedAt since when it opens nothing; null while it does
 */
public record ApiKey(
    String id, String tenant, String name, Instant createdAt, @Nullable Instant revokedAt) {}
