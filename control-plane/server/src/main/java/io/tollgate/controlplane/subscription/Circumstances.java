package io.tollgate.controlplane.subscription;

import io.tollgate.contract.BillingState;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
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
        public Optional<BillingState> standing(Transaction tx, Subscription subscription) {
          return Optional.empty();
        }
      };

  /** When the tenant's last final invoice was issued; nothing begins before it any more. */
  Optional<Instant> lastFinalInvoice(Transaction tx, String tenant);

  /** What unpaid invoices make of a subscription, such as past due or suspended. */
  Optional<BillingState> standing(Transaction tx, Subscription subscription);
}
