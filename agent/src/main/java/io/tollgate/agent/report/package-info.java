/**
 * Counts, and what becomes of them.
 *
 * <p>Owns: the counters, their totals per UTC hour, the spool on disk, the delivery to the
 * letterbox, and the account of what was not delivered. Does not own: whose call is counted.
 */
package io.tollgate.agent.report;
