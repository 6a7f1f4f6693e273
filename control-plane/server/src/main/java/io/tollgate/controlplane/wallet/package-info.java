/**
 * Prepaid credits, in money or in units of a meter.
 *
 * <p>Owns: wallets, the credits in them, their append-only double-entry ledger, expiry, top-ups and
 * alerts. Does not own: the invoices money pays, the usage units cover; {@code invoice} asks for
 * both.
 *
 * <p>One tenant has at most one wallet of each currency and of each meter. A wallet holds credits;
 * each is spent by priority (the lower number first), then by expiry (the sooner first), then by
 * age. Money pays what is left of a final invoice after credit notes and balances, so it never
 * lowers the tax base. Units are drawn by usage as it is booked, before it is priced; what was
 * drawn since the last bill can go back while the period is open.
 *
 * <p>Locks are taken in the order usage, wallet: whoever needs both takes the tenant's usage first.
 */
@NullMarked
package io.tollgate.controlplane.wallet;

import org.jspecify.annotations.NullMarked;
