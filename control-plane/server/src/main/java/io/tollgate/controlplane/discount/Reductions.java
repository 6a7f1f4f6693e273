package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.money.Amounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What coupons take off an invoice's lines. Pure. Coupons come in their order, each takes off what
 * the ones before it left, and no line is lowered below zero. Credits are not lowered: they are
 * shares of what was charged after discounts already.
 */
public final class Reductions {
  private Reductions() {}

  /**
   * What one coupon takes off one line.
   *
   * @param line index into the lines
   * @param amount over 0, rounded
   */
  public record Off(int line, Coupon coupon, Money amount) {}

  /**
   * The reductions of one subscription's lines, all in one currency.
   *
   * @param lines amounts before tax, or with it where the catalog's prices are inclusive
   */
  public static List<Off> of(List<Money> lines, List<Coupon> coupons) {
    return of(lines, coupons, Map.of());
  }

  /**
   * As {@link #of(List, List)}, where earlier invoices of the same period have used something of an
   * amount, which is granted once a period.
   *
   * @param used by coupon; none where nothing is
   */
  public static List<Off> of(List<Money> lines, List<Coupon> coupons, Map<String, Money> used) {
    List<Money> left = new ArrayList<>(lines);
    List<Off> offs = new ArrayList<>();
    coupons.stream()
        .sorted(Comparator.comparingInt(Coupon::order).thenComparing(Coupon::code))
        .forEach(
            coupon -> {
              List<Money> amounts = amounts(left, coupon, used.get(coupon.code()));
              for (int line = 0; line < lines.size(); line++) {
                if (amounts.get(line).isPositive()) {
                  offs.add(new Off(line, coupon, amounts.get(line)));
                  left.set(line, left.get(line).minus(amounts.get(line)));
                }
              }
            });
    return offs;
  }

  private static List<Money> amounts(List<Money> left, Coupon coupon, @Nullable Money used) {
    BigDecimal percent = coupon.percent();
    if (percent != null) {
      return left.stream()
          .map(line -> line.isPositive() ? Amounts.percent(line, percent) : zero(line))
          .toList();
    }
    return spread(left, coupon, used);
  }

  /** An amount is spread over the lines by their size, and is used up at most. */
  private static List<Money> spread(List<Money> left, Coupon coupon, @Nullable Money used) {
    if (left.isEmpty()) {
      return List.of();
    }
    Money all = zero(left.getFirst());
    List<BigDecimal> weights = new ArrayList<>();
    for (Money line : left) {
      Money counted = line.isPositive() ? line : zero(line);
      all = all.plus(counted);
      weights.add(counted.getAmount());
    }
    BigDecimal offered = coupon.amounts().get(all.getCurrencyUnit());
    if (offered == null || all.isZero()) {
      return left.stream().map(Reductions::zero).toList();
    }
    Money granted = Amounts.rounded(offered, all.getCurrencyUnit());
    Money off = used == null ? granted : granted.minus(used);
    if (!off.isPositive()) {
      return left.stream().map(Reductions::zero).toList();
    }
    return Amounts.split(off.isGreaterThan(all) ? all : off, weights);
  }

  private static Money zero(Money like) {
    return Money.zero(like.getCurrencyUnit());
  }
}
