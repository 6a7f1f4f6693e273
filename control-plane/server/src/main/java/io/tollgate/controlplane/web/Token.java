package io.tollgate.controlplane.web;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token as it may be shown: without its secret, which is stored as a hash only.
 *
 * @param tenant whose it is; null for every role but {@link Role#TENANT}
 * @param revokedAt since when it opens nothing; null while it does
 */
public record Token(
    String id,
    Role role,
    @Nullable String tenant,
    String name,
    Instant createdAt,
    @Nullable Instant revokedAt) {}
