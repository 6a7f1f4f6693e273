package io.tollgate.controlplane.payment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The configured providers by name; the first is who collects from tenants that chose none. */
public final class PaymentProviders {
  private final Map<String, PaymentProvider> byName = new LinkedHashMap<>();
  private final PaymentProvider usual;

  /**
   * @param providers at least one, no two of a name; the first is the default
   */
  public PaymentProviders(List<PaymentProvider> providers) {
    for (PaymentProvider provider : providers) {
      if (byName.put(provider.name(), provider) != null) {
        throw new IllegalArgumentException("two payment providers are called " + provider.name());
      }
    }
    usual = providers.getFirst();
  }

  PaymentProvider usual() {
    return usual;
  }

  /** Empty where none of the name is configured. */
  Optional<PaymentProvider> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * One that is known to be configured.
   *
   * @throws IllegalStateException if it is not
   */
  PaymentProvider named(String name) {
    return find(name).orElseThrow(() -> new IllegalStateException("no payment provider " + name));
  }

  Set<String> names() {
    return byName.keySet();
  }
}
