/**
 * What a tenant bought, and when.
 *
 * <p>Owns: the states and their one transition table, periods, add-ons, quantities, scheduled
 * changes. Does not own: prices or money.
 */
@NullMarked
package io.tollgate.controlplane.subscription;

import org.jspecify.annotations.NullMarked;
