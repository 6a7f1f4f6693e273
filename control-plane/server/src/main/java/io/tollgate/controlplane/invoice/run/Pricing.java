package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.invoice.run.ReconciliationStore.Billed;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * Prices the usage of one charge's period again, line after line: the period's own in full, a
 * closing invoice's as what it adds to what was billed. A voided line costs nothing, and what comes
 * after it costs what it adds to that. Not thread-safe.
 */
final class Pricing {
  private final Fees fees;
  private final Billed charge;
  private final Map<String, List<BigDecimal>> transactions;
  private BigDecimal units = BigDecimal.ZERO;
  private BigDecimal paid = BigDecimal.ZERO;
  private BigDecimal amount = BigDecimal.ZERO;
  private boolean begun;

  /**
   * Pricing of a period.
   *
   * @param charge its first line
   * @param transactions each one's units, where the charge prices them singly
   */
  Pricing(Fees fees, Billed charge, Map<String, List<BigDecimal>> transactions) {
    this.fees = fees;
    this.charge = charge;
    this.transactions = transactions;
    if (charge.voided() != null) {
      units = charge.voided().quantity();
      paid = PaidAhead.units(charge.voided().detail(), units);
      begun = true;
    }
  }

  /** Adds a line's units, and how many of them were paid ahead. */
  void add(BigDecimal more, BigDecimal paidMore) {
    // What is left of blocks bought ahead went into the wallet: it is used as well.
    BigDecimal carried =
        begun
            ? fees.carriedOver(charge.period(), of(units), of(paid))
                .getOrDefault(charge.meter(), BigDecimal.ZERO)
            : BigDecimal.ZERO;
    BigDecimal before = begun ? price(units.add(carried), paid) : BigDecimal.ZERO;
    units = units.add(more);
    paid = paid.add(paidMore);
    amount = amount.add(price(units.add(carried), paid)).subtract(before);
    begun = true;
  }

  /** What the lines come to, before discounts, in the catalog's terms of tax. */
  BigDecimal amount() {
    return amount;
  }

  private BigDecimal price(BigDecimal quantity, BigDecimal prepaid) {
    Fees.Used used = new Fees.Used(charge.period(), of(quantity), of(prepaid), transactions, null);
    return fees.inArrears(used).stream()
        .filter(priced -> priced.key().equals(charge.item()))
        .map(PricedLine::amount)
        .map(money -> money.getAmount())
        .findFirst()
        .orElse(BigDecimal.ZERO);
  }

  private Map<String, BigDecimal> of(BigDecimal amount) {
    return Map.of(charge.meter(), amount);
  }
}
