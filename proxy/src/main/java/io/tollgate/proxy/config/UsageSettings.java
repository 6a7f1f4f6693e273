package io.tollgate.proxy.config;

import java.time.Duration;

/**
 * How counted units are kept until they have arrived.
 *
 * @param force how often the journal is forced to disk: killing the process loses nothing, losing
 *     the machine's power at most this much; 10 ms to 1 min
 * @param segmentBytes size of one journal file, 4 KiB to 256 MiB in pages of 4 KiB; a counter takes
 *     256 bytes
 * @param totalsPerMessage most counters in one message, 1 to 10,000
 * @param running how often calls that run are metered, where their cost is known only later; 100 ms
 *     to 1 h
 */
public record UsageSettings(
    Duration force, int segmentBytes, int totalsPerMessage, Duration running) {
  /** Every second; files of 1 MiB; 1,000 counters a message; running calls every second. */
  public static final UsageSettings DEFAULT =
      new UsageSettings(Duration.ofSeconds(1), 1 << 20, 1_000, Duration.ofSeconds(1));
}
