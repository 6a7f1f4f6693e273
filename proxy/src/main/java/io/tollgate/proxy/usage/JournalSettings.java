package io.tollgate.proxy.usage;

import io.tollgate.proxy.config.UsageSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The journal of counted units and its way to the control plane.
 *
 * @param source this proxy's name in what it ships; must differ between proxies
 * @param directory where the journal lies; one process at a time
 * @param segmentBytes size of one journal file, 4 KiB to 256 MiB; a counter takes 256 bytes
 * @param forceEvery interval of fsync. Killing the process loses nothing; losing the machine's
 *     power loses at most what was counted in this interval
 * @param shipEvery interval between messages to the control plane
 * @param totalsPerMessage at least 1
 */
public record JournalSettings(
    String source,
    Path directory,
    int segmentBytes,
    Duration forceEvery,
    Duration shipEvery,
    int totalsPerMessage) {
  public JournalSettings {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(forceEvery, "forceEvery");
    Objects.requireNonNull(shipEvery, "shipEvery");
    if (segmentBytes < 4 << 10 || segmentBytes > 256 << 20 || segmentBytes % 4096 != 0) {
      throw new IllegalArgumentException("segmentBytes: 4 KiB to 256 MiB in pages of 4 KiB");
    }
    if (totalsPerMessage < 1) {
      throw new IllegalArgumentException("totalsPerMessage: at least 1");
    }
  }

  /** As the configuration has it. */
  public static JournalSettings of(
      String source, Path directory, Duration shipEvery, UsageSettings usage) {
    return new JournalSettings(
        source,
        directory,
        usage.segmentBytes(),
        usage.force(),
        shipEvery,
        usage.totalsPerMessage());
  }

  /** The defaults: files of 1 MiB, fsync every second, 1,000 totals a message. */
  public static JournalSettings of(String source, Path directory, Duration shipEvery) {
    return of(source, directory, shipEvery, UsageSettings.DEFAULT);
  }
}
