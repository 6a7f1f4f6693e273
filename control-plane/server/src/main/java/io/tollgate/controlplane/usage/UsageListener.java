package io.tollgate.controlplane.usage;

import io.tollgate.controlplane.database.Transaction;
import java.util.Collection;

/** Is told whose units were booked, in the transaction that books them. */
@FunctionalInterface
public interface UsageListener {
  /**
   * Units were booked. The tenants' usage is locked until the transaction's end; what this throws
   * undoes the booking.
   */
  void booked(Transaction tx, Collection<String> tenants);
}
