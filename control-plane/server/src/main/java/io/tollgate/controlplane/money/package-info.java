/**
 * Amounts.
 *
 * <p>Owns: exact decimal money with its currency, rounding, splitting, JSON form. Does not own:
 * prices.
 */
@NullMarked
package io.tollgate.controlplane.money;

import org.jspecify.annotations.NullMarked;
