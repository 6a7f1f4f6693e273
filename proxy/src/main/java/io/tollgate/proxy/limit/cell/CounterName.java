package io.tollgate.proxy.limit.cell;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A counter's name within its tenant.
 *
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 */
public record CounterName(String limit, String counter) {
  private static final int COMMON = 1 << 8;

  /** Names seen lately of counters of whole tenants: those of a plan have them in common. */
  private static final AtomicReferenceArray<@Nullable CounterName> OF_TENANTS =
      new AtomicReferenceArray<>(COMMON);

  public CounterName {
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(counter, "counter");
  }

  /** The name, in an instance that others may have as well. */
  public static CounterName of(String limit, String counter) {
    if (!counter.isEmpty()) {
      return new CounterName(limit, counter);
    }
    int slot = limit.hashCode() & (COMMON - 1);
    CounterName known = OF_TENANTS.get(slot);
    if (known != null && known.limit.equals(limit)) {
      return known;
    }
    CounterName made = new CounterName(limit, counter);
    OF_TENANTS.set(slot, made);
    return made;
  }
}
