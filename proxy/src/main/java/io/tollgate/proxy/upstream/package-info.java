/**
 * The services behind the proxy.
 *
 * <p>Owns: their addresses and names, the choice among them, their health and circuit breakers,
 * connections of both HTTPs and the pools of them, and every wait for them. Does not own: what a
 * call is, who made it, and what is told to its caller.
 */
@NullMarked
package io.tollgate.proxy.upstream;

import org.jspecify.annotations.NullMarked;
