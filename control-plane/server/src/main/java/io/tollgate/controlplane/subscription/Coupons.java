package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.database.Transaction;
import java.util.List;

/** Takes the coupons that come with an order, before its first invoice is made. */
@FunctionalInterface
public interface Coupons {
  /** Redeems the codes for a new subscription, or refuses the order. */
  void redeem(Transaction tx, Subscription subscription, List<String> codes);
}
