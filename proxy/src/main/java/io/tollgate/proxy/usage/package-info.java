/**
 * Counted units on their way to the control plane.
 *
 * <p>Owns: the memory-mapped journal that survives kill -9, monotonic totals, shipping. Does not
 * own: what is counted.
 */
@NullMarked
package io.tollgate.proxy.usage;

import org.jspecify.annotations.NullMarked;
