package io.tollgate.controlplane.tenant;

/** Makes a tenant's next state. */
@FunctionalInterface
interface TenantChange {
  Tenant apply(Tenant present);
}
