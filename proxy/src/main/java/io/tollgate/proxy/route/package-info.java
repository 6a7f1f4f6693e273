/**
 * The service's routes: which calls there are, and what each is.
 *
 * <p>Owns: matching by method, host, path, field and gRPC method, and the spelling in which paths
 * are compared. Does not own: what a route's meters, feature and upstream do.
 */
@NullMarked
package io.tollgate.proxy.route;

import org.jspecify.annotations.NullMarked;
