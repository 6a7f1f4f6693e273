/**
 * Payments through Stripe.
 *
 * <p>Owns: the only import of com.stripe. Does not own: any rule of billing.
 */
@NullMarked
package io.tollgate.controlplane.payment.stripe;

import org.jspecify.annotations.NullMarked;
