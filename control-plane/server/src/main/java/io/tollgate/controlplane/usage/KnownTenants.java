package io.tollgate.controlplane.usage;

import io.tollgate.controlplane.database.Transaction;
import java.util.Collection;
import java.util.Set;

/** Which tenants there are: the tenant room's answer. */
@FunctionalInterface
public interface KnownTenants {
  /** Those of these ids that are tenants, with one query. */
  Set<String> among(Transaction tx, Collection<String> ids);
}
