package io.tollgate.controlplane.dunning;

import io.tollgate.contract.Standing;
import java.time.Instant;

/**
 * A change of a tenant's standing.
 *
 * @param number 1 for the first, without gaps
 * @param standing since then
 * @param cause what led to it, such as {@code invoice inv_... day 15}
 * @param since by the tenant's clock
 */
public record StandingChange(long number, Standing standing, String cause, Instant since) {}
