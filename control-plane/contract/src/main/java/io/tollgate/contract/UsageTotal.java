package io.tollgate.contract;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * One counter's value.
 *
 * @param tenant whose usage
 * @param meter what is counted
 * @param hour the start of the UTC hour in which the units were used, by the source's clock
 * @param total units used in that hour, counted by this source and incarnation; never falls
 */
public record UsageTotal(String tenant, String meter, Instant hour, long total) {
  public UsageTotal {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(meter, "meter");
    if (!hour.equals(hour.truncatedTo(ChronoUnit.HOURS))) {
      throw new IllegalArgumentException("hour: " + hour + " is not the start of an hour");
    }
    if (total < 0) {
      throw new IllegalArgumentException("total: " + total + " is negative");
    }
  }
}
