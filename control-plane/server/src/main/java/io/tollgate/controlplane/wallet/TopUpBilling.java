package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;

/** Makes the invoices of top-ups; the invoice room, which comes after this one. */
public interface TopUpBilling {
  /** Drafts the top-up's invoice under the seller of the subscription; its id. */
  String draft(Transaction tx, TopUp topUp, Subscription seller);

  /** Makes the draft final; what is paid at once is told before this returns. */
  void makeFinal(Transaction tx, String invoice);
}
