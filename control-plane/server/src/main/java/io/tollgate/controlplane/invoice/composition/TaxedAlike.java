package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.rating.Split;
import io.tollgate.controlplane.tax.TaxLine;
import io.tollgate.controlplane.tax.TaxRules;
import io.tollgate.controlplane.tax.TaxedLine;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Whether what was charged was taxed as it would be today. Pure.
 *
 * @param rules by which taxes are rounded
 */
record TaxedAlike(TaxRules rules) {
  /** A tax as it was meant: one that the buyer owes or is exempt from is another. */
  private record Rate(String name, BigDecimal percent, boolean charged) {}

  private Rate rate(String name, BigDecimal percent, Money base, Money amount) {
    // Of a few cents a tax may round to nothing, and a whole one may go to another line.
    BigDecimal exact = base.getAmount().abs().multiply(percent).movePointLeft(2);
    BigDecimal least =
        new BigDecimal(rules.areRoundedOnce() ? "1" : "0.5").movePointLeft(base.getScale());
    boolean charged = !amount.isZero() || exact.compareTo(least) < 0;
    return new Rate(name, percent.stripTrailingZeros(), charged);
  }

  /**
   * Whether the rates are the same, by name.
   *
   * @param then null where nobody knows, which nothing can be held against
   */
  boolean are(@Nullable Split then, TaxedLine now) {
    if (then == null) {
      return true;
    }
    Set<Rate> was = new HashSet<>();
    for (Split.Tax tax : then.taxes()) {
      was.add(rate(tax.name(), tax.percent(), then.net(), tax.amount()));
    }
    Set<Rate> is = new HashSet<>();
    for (TaxLine tax : now.taxes()) {
      is.add(rate(tax.name(), tax.percent(), now.net(), tax.amount()));
    }
    return was.equals(is);
  }
}
