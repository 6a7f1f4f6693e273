package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import java.util.List;
import java.util.Map;

/** Says which discounts hold; the discount room's redemptions, as invoices apply them. */
public interface Discounts {
  /** No discounts at all. */
  Discounts NONE = (tx, revisions) -> Map.of();

  /** The rule of each subscription that has one, by subscription id, with few queries. */
  Map<String, Reduction.Rule> of(Transaction tx, List<Revision> revisions);
}
