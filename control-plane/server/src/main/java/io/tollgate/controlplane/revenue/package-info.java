/**
 * Revenue figures.
 *
 * <p>Owns: MRR, ARR, churn, recognition. Does not own: invoices.
 */
@NullMarked
package io.tollgate.controlplane.revenue;

import org.jspecify.annotations.NullMarked;
