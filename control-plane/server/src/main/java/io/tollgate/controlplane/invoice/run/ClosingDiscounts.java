package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.invoice.run.Discounts.Granted;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.joda.money.Money;

/**
 * What coupons take off a closing invoice's lines: what they take off the whole last period's
 * usage, less what they took off before.
 *
 * @param end the step that ended the subscription
 */
record ClosingDiscounts(Sources sources, Bills end, Bill.Closing bill) {
  /** By line's key and coupon. */
  private record Off(String line, String coupon) {}

  /** The rule of the closing's lines. */
  Reduction.Rule rule(Transaction tx, Instant due) {
    Subscription of = end.previous();
    Map<Off, Money> before = new HashMap<>();
    GrantStore.taken(tx, of, bill.after().period())
        .forEach(
            taken ->
                before.merge(new Off(taken.line(), taken.coupon()), taken.amount(), Money::plus));
    Reduction.Rule whole =
        sources
            .discounts()
            .of(tx, List.of(end.revision()), periods -> others(tx, periods, before, due))
            .get(of.id());
    return whole == null ? Reduction.Rule.NONE : lines -> more(lines, whole, before);
  }

  /** What coupons granted in the period on other lines than its usage. */
  private Map<Granted, Map<String, Money>> others(
      Transaction tx, Set<Granted> periods, Map<Off, Money> before, Instant due) {
    Granted period = Granted.of(end.previous());
    if (!periods.contains(period)) {
      return Map.of();
    }
    GrantStore.Asked asked = new GrantStore.Asked(end, period, null, due);
    Map<String, Money> used =
        new HashMap<>(GrantStore.used(tx, List.of(asked)).getOrDefault(period, Map.of()));
    before.forEach(
        (off, amount) -> used.computeIfPresent(off.coupon(), (code, all) -> all.minus(amount)));
    return Map.of(period, used);
  }

  private List<Reduction> more(
      List<PricedLine> lines, Reduction.Rule whole, Map<Off, Money> before) {
    List<PricedLine> priced = bill.after().lines();
    List<Reduction> reductions = new ArrayList<>();
    for (Reduction off : whole.on(priced)) {
      String key = priced.get(off.line()).key();
      Money taken = before.get(new Off(key, off.coupon()));
      Money more = taken == null ? off.amount() : off.amount().minus(taken);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).key().equals(key) && !more.isZero()) {
          reductions.add(new Reduction(i, off.coupon(), off.title(), more));
        }
      }
    }
    return reductions;
  }
}
