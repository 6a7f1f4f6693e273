package io.tollgate.controlplane.subscription;

import io.tollgate.contract.BillingState;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** What later rooms know and commands depend on. */
public interface Circumstances {
  /** Nothing was invoiced, nobody owes. */
  Circumstances NONE =
      new Circumstances() {
        @Override
        public Optional<Instant> lastFinalInvoice(Transaction tx, String tenant) {
          return Optional.empty();
        }

        @Override
        public Map<String, BillingState> standings(
            Transaction tx, Collection<Subscription> subscriptions) {
          return Map.of();
        }
      };

  /** When the tenant's last final invoice was issued; nothing begins before it any more. */
  Optional<Instant> lastFinalInvoice(Transaction tx, String tenant);

  /**
   * What unpaid invoices make of subscriptions, such as past due or suspended, by their ids; no
   * entry for nothing.
   */
  Map<String, BillingState> standings(Transaction tx, Collection<Subscription> subscriptions);

  /** Asks ahead for that of one ({@link Transaction#foresee}), where it takes a query. */
  default void foresee(Transaction tx, Subscription subscription) {}
}
