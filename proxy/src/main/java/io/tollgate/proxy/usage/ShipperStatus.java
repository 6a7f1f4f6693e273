package io.tollgate.proxy.usage;

import java.time.Duration;

/**
 * How far shipping is, for metrics.
 *
 * @param unshippedUnits units counted and not yet acknowledged
 * @param unshippedTotals counters with such units
 * @param oldestUnshipped how long the oldest of them waits
 * @param forcedAgo how long ago the journal was last forced to disk
 * @param journalFiles files the journal has
 * @param volatileCounters counters that could not be put into a file, since the start: the disk is
 *     full
 * @param invalidAdditions additions dropped because their number of units was impossible
 * @param refusedUnits units the control plane refused for ever, since the start
 * @param messages messages acknowledged, since the start
 * @param failures messages that had to be sent again, since the start
 */
public record ShipperStatus(
    long unshippedUnits,
    long unshippedTotals,
    Duration oldestUnshipped,
    Duration forcedAgo,
    long journalFiles,
    long volatileCounters,
    long invalidAdditions,
    long refusedUnits,
    long messages,
    long failures) {}
