/**
 * Who buys.
 *
 * <p>Owns: tenants, their billing details, zone and currency, and their API keys. Does not own:
 * what they bought.
 */
@NullMarked
package io.tollgate.controlplane.tenant;

import org.jspecify.annotations.NullMarked;
