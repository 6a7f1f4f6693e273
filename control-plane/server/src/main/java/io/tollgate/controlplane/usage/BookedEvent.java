package io.tollgate.controlplane.usage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link UsageEvent}; the same again for one that was reported before.
 *
 * @param id the event's id, if it has one
 * @param tenant whose
 * @param meter of what
 * @param delta units
 * @param at the instant at which the units count: as reported, or later where that was billed
 *     already
 */
public record BookedEvent(
    @Nullable String id, String tenant, String meter, long delta, Instant at) {}
