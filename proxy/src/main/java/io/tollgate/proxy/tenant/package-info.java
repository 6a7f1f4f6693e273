/**
 * Whose call is this.
 *
 * <p>Owns: credentials in a request, and their way to a tenant. Does not own: what that tenant may
 * do.
 */
@NullMarked
package io.tollgate.proxy.tenant;

import org.jspecify.annotations.NullMarked;
