package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.discount.Reductions;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Revision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Says which discounts hold; the discount room's redemptions, as invoices apply them. */
public interface Discounts {
  /** No discounts at all. */
  Discounts NONE = (tx, revisions) -> Map.of();

  /** The rule of each subscription that has one, by subscription id, with few queries. */
  Map<String, Reduction.Rule> of(Transaction tx, List<Revision> revisions);

  /** The coupons that were redeemed. */
  static Discounts of(Redemptions redemptions) {
    return (tx, revisions) -> {
      Map<String, Reduction.Rule> rules = new HashMap<>();
      redemptions
          .holding(tx, revisions)
          .forEach(
              (subscription, coupons) -> rules.put(subscription, lines -> off(lines, coupons)));
      return rules;
    };
  }

  private static List<Reduction> off(List<PricedLine> lines, List<Coupon> coupons) {
    return Reductions.of(lines.stream().map(PricedLine::amount).toList(), coupons).stream()
        .map(
            off ->
                new Reduction(off.line(), off.coupon().code(), off.coupon().title(), off.amount()))
        .toList();
  }
}
