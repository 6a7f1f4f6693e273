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
import java.util.function.Supplier;
import org.joda.money.Money;

/** Says which discounts hold; the discount room's redemptions, as invoices apply them. */
public interface Discounts {
  /** No discounts at all. */
  Discounts NONE = (tx, revisions) -> Map.of();

  /** The rule of each subscription that has one, by subscription id, with few queries. */
  Map<String, Reduction.Rule> of(Transaction tx, List<Revision> revisions);

  /**
   * As {@link #of(Transaction, List)}, where something of the period's coupons is used already.
   *
   * @param used by subscription and coupon; asked for already, and perhaps still on its way
   */
  default Map<String, Reduction.Rule> of(
      Transaction tx, List<Revision> revisions, Supplier<Map<String, Map<String, Money>>> used) {
    return of(tx, revisions);
  }

  /** The coupons that were redeemed. */
  static Discounts of(Redemptions redemptions) {
    return new Discounts() {
      @Override
      public Map<String, Reduction.Rule> of(Transaction tx, List<Revision> revisions) {
        return of(tx, revisions, Map::of);
      }

      @Override
      public Map<String, Reduction.Rule> of(
          Transaction tx,
          List<Revision> revisions,
          Supplier<Map<String, Map<String, Money>>> used) {
        Map<String, List<Coupon>> holding = redemptions.holding(tx, revisions);
        Map<String, Map<String, Money>> ofPeriod = used.get();
        Map<String, Reduction.Rule> rules = new HashMap<>();
        holding.forEach(
            (subscription, coupons) ->
                rules.put(
                    subscription,
                    lines -> off(lines, coupons, ofPeriod.getOrDefault(subscription, Map.of()))));
        return rules;
      }
    };
  }

  private static List<Reduction> off(
      List<PricedLine> lines, List<Coupon> coupons, Map<String, Money> used) {
    // A line with the difference is discounted as the charge in it is; the credit was already.
    List<Money> charged = lines.stream().map(line -> line.amount().plus(line.netted())).toList();
    return Reductions.of(charged, coupons, used).stream()
        .map(
            off ->
                new Reduction(off.line(), off.coupon().code(), off.coupon().title(), off.amount()))
        .toList();
  }
}
