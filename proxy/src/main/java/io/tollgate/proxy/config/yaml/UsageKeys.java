package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.UsageSettings;
import io.tollgate.yaml.YamlMap;
import java.time.Duration;

/** Reads the section {@code usage}. */
final class UsageKeys {
  private static final int PAGE = 4 << 10;
  private static final int MOST = 256 << 20;

  private UsageKeys() {}

  static UsageSettings read(YamlMap map) {
    UsageSettings settings =
        new UsageSettings(
            map.find("force")
                .map(value -> value.duration(Duration.ofMillis(10), Duration.ofMinutes(1)))
                .orElse(UsageSettings.DEFAULT.force()),
            map.find("segment")
                .map(
                    value -> {
                      long bytes = value.bytes();
                      if (bytes < PAGE || bytes > MOST || bytes % PAGE != 0) {
                        throw value.mistake("4KiB to 256MiB, in pages of 4KiB, is expected");
                      }
                      return (int) bytes;
                    })
                .orElse(UsageSettings.DEFAULT.segmentBytes()),
            map.find("totals-per-message")
                .map(value -> value.integer(1, 10_000))
                .orElse(UsageSettings.DEFAULT.totalsPerMessage()),
            map.find("running")
                .map(value -> value.duration(Duration.ofMillis(100), Duration.ofHours(1)))
                .orElse(UsageSettings.DEFAULT.running()));
    map.close();
    return settings;
  }
}
