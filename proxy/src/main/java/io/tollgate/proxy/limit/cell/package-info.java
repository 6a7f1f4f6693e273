/**
 * A tenant's counters with their owner, who leases units to nodes.
 *
 * <p>Owns: the protocol between nodes and cells; token buckets, quotas and permits as cells keep
 * them; the accounts of what was granted, spent, returned and forfeited. Pure: the owner's clock
 * and cluster are a parameter. Does not own: how a node spends its leases, nor where the cells are.
 */
@NullMarked
package io.tollgate.proxy.limit.cell;

import org.jspecify.annotations.NullMarked;
