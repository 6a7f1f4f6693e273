/**
 * What happens when nobody pays.
 *
 * <p>Owns: the steps from due to terminated, and a tenant's standing. Does not own: payments.
 */
@NullMarked
package io.tollgate.controlplane.dunning;

import org.jspecify.annotations.NullMarked;
