/**
 * Invoices.
 *
 * <p>Owns: the run, numbers, lines, credit notes. Does not own: collection.
 */
@NullMarked
package io.tollgate.controlplane.invoice;

import org.jspecify.annotations.NullMarked;
