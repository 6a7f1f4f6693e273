/**
 * Invoices as people read them.
 *
 * <p>Owns: layout, labels, amounts in words, PDF and HTML, own templates. Does not own: what an
 * invoice says.
 */
@NullMarked
package io.tollgate.controlplane.invoice.document;

import org.jspecify.annotations.NullMarked;
