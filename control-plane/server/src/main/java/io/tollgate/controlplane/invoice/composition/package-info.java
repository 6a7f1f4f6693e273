/**
 * How an invoice is put together.
 *
 * <p>Owns: what can be billed, and its way to lines, discounts, taxes and totals. Pure as long as
 * the tax provider is. Does not own: what is due when ({@code invoice.run}) and what is stored
 * ({@code invoice}).
 */
@NullMarked
package io.tollgate.controlplane.invoice.composition;

import org.jspecify.annotations.NullMarked;
