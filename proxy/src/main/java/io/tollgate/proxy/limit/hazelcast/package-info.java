/**
 * The LimitStore on an embedded Hazelcast cluster.
 *
 * <p>Owns: cells, entry processors, leases, merge after a split, the only import of com.hazelcast.
 * Does not own: the arithmetic of limits.
 */
@NullMarked
package io.tollgate.proxy.limit.hazelcast;

import org.jspecify.annotations.NullMarked;
