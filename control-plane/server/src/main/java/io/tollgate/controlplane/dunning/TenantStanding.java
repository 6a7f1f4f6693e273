package io.tollgate.controlplane.dunning;

import io.tollgate.contract.Access;
import io.tollgate.contract.Standing;
import java.util.Map;

/**
 * Where a tenant stands, and each of its subscriptions.
 *
 * @param standing the tenant's: that of its best subscription
 * @param bySubscription each living subscription's own, by id
 */
public record TenantStanding(Standing standing, Map<String, Standing> bySubscription) {
  public TenantStanding {
    bySubscription = Map.copyOf(bySubscription);
  }

  /** Whether a subscription gives its features and limits: its own access is not none. */
  public boolean isServed(String subscription) {
    Standing own = bySubscription.get(subscription);
    return own != null && own.access() != Access.NONE;
  }
}
