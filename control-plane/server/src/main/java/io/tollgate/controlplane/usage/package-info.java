/**
 * Units used.
 *
 * <p>Owns: monotonic totals and idempotent events, from arrival to a sum over a period. Does not
 * own: prices.
 */
@NullMarked
package io.tollgate.controlplane.usage;

import org.jspecify.annotations.NullMarked;
