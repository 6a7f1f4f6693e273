/**
 * Limits that never over-admit.
 *
 * <p>Owns: the all-or-nothing admission over several limits, the node's escrow of leases that it is
 * spent from, and the LimitStore port behind which a cluster keeps the cells. Pure: time is a
 * parameter, nothing blocks. Does not own: how a cell counts; whether a call is refused, which is a
 * decision.
 */
@NullMarked
package io.tollgate.proxy.limit;

import org.jspecify.annotations.NullMarked;
