package io.tollgate.controlplane.payment;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Through whom a tenant pays.
 *
 * @param provider the provider's name
 * @param customer who the tenant is there; null until the provider was told of it
 */
record PaymentMethod(String provider, @Nullable String customer) {
  /** As the API and the audit trail show it. */
  Map<String, Object> json() {
    return customer == null
        ? Map.of("provider", provider)
        : Map.of("provider", provider, "customer", customer);
  }
}
