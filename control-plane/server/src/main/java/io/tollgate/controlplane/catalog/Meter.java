package io.tollgate.controlplane.catalog;

import java.util.Objects;

/**
 * Something that is counted: calls at the proxy, feature uses in the agent, events at the API.
 * Units are summed.
 *
 * @param key unique in the catalog; the proxy's and the agent's configuration name it
 * @param title for people; appears on invoices
 * @param unit one unit's name, such as {@code call} or {@code byte}
 * @param greatestCost the most units a single call takes, at least 1: no burst may be below it
 */
public record Meter(String key, String title, String unit, long greatestCost) {
  public Meter {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(unit, "unit");
    if (greatestCost < 1) {
      throw new IllegalArgumentException("greatestCost: at least 1, not " + greatestCost);
    }
  }
}
