package io.tollgate.examples.donations;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The organisations that use this API, each with data of its own, in memory. */
final class Organisations {
  private final Map<String, Organisation> byTenant = new ConcurrentHashMap<>();

  /** The organisation of a tenant; a new one begins with three causes. */
  Organisation of(String tenant) {
    return byTenant.computeIfAbsent(tenant, Organisation::new);
  }
}
