package io.tollgate.proxy.entitlement;

import io.tollgate.proxy.config.Staleness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Bounds and policies of what the proxy remembers.
 *
 * @param copy file of the copy on disk
 * @param staleness what an old truth is worth
 * @param tenants at most so many are kept in memory and on disk
 * @param unknownKeys at most so many unknown keys are remembered
 * @param unknownKeysFor how long each is; a new key that the control plane pushes ends it at once
 * @param lookupsPerSecond look-ups of keys and tenants at the control plane, with a burst of as
 *     many; ten times as many where they find what they ask for
 * @param lookupsAtOnce look-ups in flight
 */
public record CacheSettings(
    Path copy,
    Staleness staleness,
    int tenants,
    int unknownKeys,
    Duration unknownKeysFor,
    int lookupsPerSecond,
    int lookupsAtOnce) {
  public CacheSettings {
    Objects.requireNonNull(copy, "copy");
    Objects.requireNonNull(staleness, "staleness");
    Objects.requireNonNull(unknownKeysFor, "unknownKeysFor");
    if (tenants < 1 || unknownKeys < 1 || lookupsPerSecond < 1 || lookupsAtOnce < 1) {
      throw new IllegalArgumentException("every bound is at least 1");
    }
  }

  /**
   * The defaults: a tenth of the entries for unknown keys, each kept 30 s; 200 look-ups a second,
   * 64 at once.
   *
   * @param copy file of the copy on disk
   * @param staleness what an old truth is worth
   * @param entries most tenants in memory
   */
  public static CacheSettings of(Path copy, Staleness staleness, int entries) {
    return new CacheSettings(
        copy, staleness, entries, Math.max(1, entries / 10), Duration.ofSeconds(30), 200, 64);
  }
}
