package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Database;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, as their token says.
 *
 * @param id the token's id, which the audit trail names
 * @param tenant whose token it is; there exactly where the role is {@link Role#TENANT}
 */
public record Principal(String id, Role role, @Nullable String tenant) {
  /** Checks that a tenant's token has a tenant and no other has. */
  public Principal {
    if ((role == Role.TENANT) != (tenant != null)) {
      throw new IllegalArgumentException("a tenant belongs to the role TENANT and to no other");
    }
  }

  /** Whose rows the caller's transactions see. */
  public String scope() {
    return tenant == null ? Database.EVERY_TENANT : tenant;
  }
}
