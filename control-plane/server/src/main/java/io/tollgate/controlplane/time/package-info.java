/**
 * Instants and what is due at them.
 *
 * <p>Owns: the clock, test clocks, billing periods, and the agenda of due work that replicas share
 * by row locks. Does not own: what the work is.
 */
@NullMarked
package io.tollgate.controlplane.time;

import org.jspecify.annotations.NullMarked;
