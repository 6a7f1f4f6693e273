/**
 * Prepaid credits.
 *
 * <p>Owns: balances and their ledger. Does not own: what they pay for.
 */
@NullMarked
package io.tollgate.controlplane.wallet;

import org.jspecify.annotations.NullMarked;
