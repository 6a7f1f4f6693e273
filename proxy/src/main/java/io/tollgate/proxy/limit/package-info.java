/**
 * Limits that never over-admit.
 *
 * <p>Owns: token buckets, quotas, concurrency permits, the all-or-nothing admission over several of
 * them, the local escrow, and the LimitStore port behind which a cluster keeps the cells. Pure:
 * time is a parameter, nothing blocks. Does not own: whether a call is refused; that is a decision.
 */
@NullMarked
package io.tollgate.proxy.limit;

import org.jspecify.annotations.NullMarked;
