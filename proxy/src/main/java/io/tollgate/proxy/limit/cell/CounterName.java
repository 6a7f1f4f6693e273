package io.tollgate.proxy.limit.cell;

import java.util.Objects;

/**
 * A counter's name within its tenant.
 *
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 */
public record CounterName(String limit, String counter) {
  public CounterName {
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(counter, "counter");
  }
}
