/**
 * Invoices and credit notes.
 *
 * <p>Owns: documents, their numbers, lines, claims and settlement. Does not own: what is billed
 * ({@code invoice.run}), how it is composed ({@code invoice.composition}), collection.
 */
@NullMarked
package io.tollgate.controlplane.invoice;

import org.jspecify.annotations.NullMarked;
