/**
 * What each tenant may do, derived in one place and pushed to the proxies.
 *
 * <p>Owns: resolution, versions, the change stream, quota checks and quota blocks. Does not own:
 * its sources.
 */
@NullMarked
package io.tollgate.controlplane.entitlement;

import org.jspecify.annotations.NullMarked;
