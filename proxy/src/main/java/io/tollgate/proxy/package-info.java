/**
 * The sidecar proxy: identify, decide, forward, meter.
 *
 * <p>Owns: the composition of the rooms and the order of a request's walk through them. Does not
 * own: any rule; those live in the rooms.
 */
@NullMarked
package io.tollgate.proxy;

import org.jspecify.annotations.NullMarked;
