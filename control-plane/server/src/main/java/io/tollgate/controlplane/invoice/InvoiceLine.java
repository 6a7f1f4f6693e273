package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One line of an invoice. Its amount is rounded once, to the currency's minor unit, and never
 * contains tax: a tax-inclusive price is taken apart before it becomes a line.
 *
 * @param position 1 and up within the invoice
 * @param charge what it is for
 * @param subscription whose charge it is; null on a document made by hand
 * @param source the subscription item or purchase charged; null on a document made by hand. A later
 *     credit is a share of what was charged for its source
 * @param description for people, in the catalog's words
 * @param detail how the amount came about, where that takes several steps; empty otherwise
 * @param period the time paid for; null for what happens once
 * @param quantity units, seats or blocks; exact
 * @param unitPrice the price as text, such as "0.10"; empty where there is no single one
 * @param amount without tax; negative for credits and discounts
 * @param taxes what is due on it, after its discounts: each discounted line carries the tax of the
 *     remainder, a discount's own line none
 * @param of the position of the line a discount lowers; null on all others
 * @param netted the credit of an ended item that the amount is already less by; null on most
 * @param granted what a discount granted, over zero, in the same terms of tax as the catalog's
 *     prices; null on all others
 */
public record InvoiceLine(
    int position,
    Charge charge,
    @Nullable String subscription,
    @Nullable String source,
    String description,
    String detail,
    @Nullable Period period,
    BigDecimal quantity,
    String unitPrice,
    Money amount,
    List<TaxAmount> taxes,
    @Nullable Integer of,
    @Nullable Netted netted,
    @Nullable Money granted) {
  public InvoiceLine {
    Objects.requireNonNull(charge, "charge");
    Objects.requireNonNull(description, "description");
    taxes = List.copyOf(taxes);
    if (position < 1) {
      throw new IllegalArgumentException("position: 1 and up, not " + position);
    }
    if ((charge instanceof Charge.Discount) != (of != null)) {
      throw new IllegalArgumentException("of: names the line a discount lowers, and only that");
    }
  }

  /** The same, so many places further down. */
  public InvoiceLine movedBy(int places) {
    return at(position + places, of == null ? null : Integer.valueOf(of + places), amount, taxes);
  }

  /** The same, taxed so, with what is without the tax. */
  public InvoiceLine taxed(Money net, List<TaxAmount> as) {
    return at(position, of, net, as);
  }

  private InvoiceLine at(int place, @Nullable Integer lowered, Money net, List<TaxAmount> as) {
    return new InvoiceLine(
        place,
        charge,
        subscription,
        source,
        description,
        detail,
        period,
        quantity,
        unitPrice,
        net,
        as,
        lowered,
        netted,
        granted);
  }

  /** All taxes on the line. */
  public Money tax() {
    Money sum = Money.zero(amount.getCurrencyUnit());
    for (TaxAmount tax : taxes) {
      sum = sum.plus(tax.amount());
    }
    return sum;
  }

  /**
   * What a line's amount is less by: it paid for the line's source as money would have, and was
   * given back of its own.
   *
   * @param source the subscription item it was charged for; null where an older version netted it
   * @param amount over zero, in the same terms of tax as the catalog's prices
   * @param net of it, without tax; null where nobody can say what tax was charged
   * @param taxes of it, as they were charged
   */
  public record Netted(
      @Nullable String source, Money amount, @Nullable Money net, List<TaxAmount> taxes) {
    public Netted {
      taxes = List.copyOf(taxes);
    }
  }

  /**
   * One tax on a line.
   *
   * @param name as printed: "CGST", "IGST", "VAT"
   * @param percent the rate, such as 9 or 19.5
   * @param amount rounded once, by itself or as its share of the document's
   */
  public record TaxAmount(String name, BigDecimal percent, Money amount) {}
}
