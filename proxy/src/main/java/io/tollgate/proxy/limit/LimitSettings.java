package io.tollgate.proxy.limit;

import io.tollgate.contract.StoreDown;
import java.time.Duration;
import java.util.Objects;

/**
 * How a node enforces limits.
 *
 * @param answerWithin the bound on an admission that has to ask the cluster: 10 ms to 10 s; past it
 *     {@code storeDown} decides
 * @param storeDown the policy for a cluster that does not answer
 * @param leaseFor how much of a tenant's present demand a lease covers: 50 ms to 2 s
 * @param leaseTtl after which a lease that was not renewed is void: 1 s to 1 min
 */
public record LimitSettings(
    Duration answerWithin, StoreDown storeDown, Duration leaseFor, Duration leaseTtl) {
  /** What holds when nothing is configured. */
  public static final LimitSettings DEFAULT =
      new LimitSettings(
          Duration.ofMillis(250), StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(10));

  public LimitSettings {
    check("answerWithin", answerWithin, Duration.ofMillis(10), Duration.ofSeconds(10));
    Objects.requireNonNull(storeDown, "storeDown");
    check("leaseFor", leaseFor, Duration.ofMillis(50), Duration.ofSeconds(2));
    check("leaseTtl", leaseTtl, Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  private static void check(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(name + ": " + least + " to " + most + ", not " + value);
    }
  }
}
