package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.Objects;

/**
 * Something that is counted: calls at the proxy, feature uses in the agent, events at the API.
 * Units are summed; counts are whole numbers of a unit's smallest part.
 *
 * @param key unique in the catalog; the proxy's and the agent's configuration name it
 * @param title for people; appears on invoices
 * @param unit one unit's name, such as {@code call} or {@code byte}
 * @param decimals digits after a unit's point, 0 to 9: with 2, a counted 150 is 1.50 units
 * @param greatestCost the most units a single call takes, at least 1: no burst may be below it
 * @param transactions whether each event's units are kept beside their sum, for prices that go by
 *     the single transaction
 */
public record Meter(
    String key, String title, String unit, int decimals, long greatestCost, boolean transactions) {
  /** A meter of whole units. */
  public Meter(String key, String title, String unit, long greatestCost) {
    this(key, title, unit, 0, greatestCost, false);
  }

  public Meter {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(unit, "unit");
    if (decimals < 0 || decimals > 9) {
      throw new IllegalArgumentException("decimals: 0 to 9, not " + decimals);
    }
    if (greatestCost < 1) {
      throw new IllegalArgumentException("greatestCost: at least 1, not " + greatestCost);
    }
  }

  /** So many counts as units. */
  public BigDecimal units(long counted) {
    return BigDecimal.valueOf(counted, decimals);
  }
}
