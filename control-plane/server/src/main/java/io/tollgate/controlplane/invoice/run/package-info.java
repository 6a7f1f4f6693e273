/**
 * The billing run.
 *
 * <p>Owns: what each step of a subscription bills, loading and pricing it in chunks, drafts,
 * previews, re-rating and reconciliation. Does not own: documents and what becomes of them ({@code
 * invoice}).
 */
@NullMarked
package io.tollgate.controlplane.invoice.run;

import org.jspecify.annotations.NullMarked;
