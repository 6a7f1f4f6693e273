/**
 * Coupons and volume discounts.
 *
 * <p>Owns: who may redeem what, and how much it takes off. Does not own: invoices.
 */
@NullMarked
package io.tollgate.controlplane.discount;

import org.jspecify.annotations.NullMarked;
