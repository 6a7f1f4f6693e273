/**
 * The callers' side: their connections, and the requests on them.
 *
 * <p>Owns: who may connect, and for how long a connection may keep the proxy waiting; what Vert.x's
 * server does not tell of a connection; requests of the most frequent kind, past Vert.x's own
 * objects. Does not own: what a request means, and what is answered.
 */
@NullMarked
package io.tollgate.proxy.caller;

import org.jspecify.annotations.NullMarked;
