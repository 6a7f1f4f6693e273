package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import java.util.Collection;
import java.util.Map;

/** Says who is billed; the tenant room's data, as invoices see it. */
@FunctionalInterface
public interface Customers {
  /** The tenants' customers by tenant id, with one query. All of them exist. */
  Map<String, Customer> of(Transaction tx, Collection<String> tenants);

  /** Asks ahead for a tenant's customer ({@link Transaction#foresee}), where that takes a query. */
  default void foresee(Transaction tx, String tenant) {}
}
