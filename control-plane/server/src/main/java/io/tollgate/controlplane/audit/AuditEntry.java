package io.tollgate.controlplane.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of the trail.
 *
 * @param chain the tenant whose chain it is in, or empty for what no tenant owns
 * @param position its place in the chain, from 1 without gaps
 * @param actor the caller's id, or {@code system}
 * @param action what was done, such as {@code tenant.created}
 * @param subject the id of what it was done to
 * @param details a JSON object
 * @param hash SHA-256 over the previous line's hash and this line, in hex
 */
public record AuditEntry(
    String chain,
    long position,
    Instant at,
    String actor,
    String action,
    String subject,
    @Nullable String tenant,
    String details,
    String hash) {}
