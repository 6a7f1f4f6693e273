package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.util.List;
import org.joda.money.CurrencyUnit;

/**
 * A tenant's usage from the counter to the invoice: what was metered is what was rated, and what
 * was rated, priced again, is what was invoiced.
 *
 * <p>Units are what counters count: the smallest part of the meter's unit, where it has decimals.
 *
 * @param tenant whose
 * @param reconciled whether nothing differs by even one unit or minor unit
 * @param meters every meter with usage or a line, by key
 * @param lines what documents that are not void billed of each period's usage, oldest first
 * @param invoices every document that is not void, with the check of its sums
 */
public record Reconciliation(
    String tenant, boolean reconciled, List<Meter> meters, List<Line> lines, List<Sum> invoices) {
  public Reconciliation {
    meters = List.copyOf(meters);
    lines = List.copyOf(lines);
    invoices = List.copyOf(invoices);
  }

  /**
   * One meter over all time.
   *
   * @param metered units counted
   * @param rated units of periods that ended: {@code billed} and {@code free}
   * @param billed units on usage lines
   * @param free units rated at nothing: of a trial, or of a meter the plan has no charge for
   * @param unbilled units of periods that have not ended, and those that wait for a closing invoice
   * @param difference units of billed periods less units on their lines: 0
   */
  public record Meter(
      String meter,
      long metered,
      BigDecimal rated,
      BigDecimal billed,
      long free,
      long unbilled,
      BigDecimal difference) {}

  /**
   * A usage line, with what closing invoices added to it.
   *
   * @param invoice which billed the period first
   * @param metered units counted in the line's period; without those that wait for a closing one
   * @param rated units on the line
   * @param priced what the line's catalog version makes of the metered units today, before
   *     discounts, in the catalog's terms of tax
   * @param invoiced what the line says, in the same terms
   */
  public record Line(
      String invoice,
      String subscription,
      String meter,
      Period period,
      long metered,
      BigDecimal rated,
      BigDecimal priced,
      BigDecimal invoiced,
      CurrencyUnit currency) {
    /** Whether counter, line and price agree. */
    public boolean agrees() {
      return rated.compareTo(BigDecimal.valueOf(metered)) == 0 && priced.compareTo(invoiced) == 0;
    }
  }

  /**
   * One document.
   *
   * @param lines what its lines and their taxes sum to
   * @param total what it says
   */
  public record Sum(String invoice, BigDecimal lines, BigDecimal total, CurrencyUnit currency) {
    /** Whether lines and total agree. */
    public boolean agrees() {
      return lines.compareTo(total) == 0;
    }
  }
}
