/**
 * What each tenant may do, and how old that knowledge is.
 *
 * <p>Owns: the bounded cache of entitlements, its copy on disk, the change stream from the control
 * plane, staleness. Does not own: counting.
 */
@NullMarked
package io.tollgate.proxy.entitlement;

import org.jspecify.annotations.NullMarked;
