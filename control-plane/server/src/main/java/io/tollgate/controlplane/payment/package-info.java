/**
 * Money that comes in.
 *
 * <p>Owns: the provider port, attempts, the manual provider. Does not own: what happens when none
 * comes.
 */
@NullMarked
package io.tollgate.controlplane.payment;

import org.jspecify.annotations.NullMarked;
