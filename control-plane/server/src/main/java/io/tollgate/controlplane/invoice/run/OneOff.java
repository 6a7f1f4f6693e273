package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.rating.PricedLine;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.joda.money.CurrencyUnit;

/**
 * Something charged once by hand: a data export, a fee, work done.
 *
 * @param id {@code one_...}
 * @param tenant who is charged
 * @param subscription on whose invoice
 * @param item a key for reports, such as {@code data-export}
 * @param description for people
 * @param quantity over 0
 * @param unitPrice at least 0, any scale, in the subscription's currency; with tax where the
 *     catalog's prices are
 * @param taxCategory key of the catalog's tax category
 * @param at when it was charged
 */
record OneOff(
    String id,
    String tenant,
    String subscription,
    String item,
    String description,
    BigDecimal quantity,
    BigDecimal unitPrice,
    String taxCategory,
    Instant at) {
  /** As a line of an invoice for the period. */
  PricedLine line(CurrencyUnit currency, Period period) {
    BigDecimal exact = unitPrice.multiply(quantity);
    return new PricedLine(
        PricedLine.Kind.ONE_OFF,
        subscription,
        id,
        item,
        description,
        quantity,
        Amounts.rounded(exact, currency),
        period,
        taxCategory,
        List.of(new PricedLine.Part(quantity, unitPrice, exact, "")));
  }
}
