package io.tollgate.proxy.limit;

/**
 * When a cell works on a request.
 *
 * @param now the owner's never-backwards clock, epoch milliseconds
 * @param unknown whether the cell hears of this node incarnation for the first time
 */
record Moment(long now, boolean unknown) {}
