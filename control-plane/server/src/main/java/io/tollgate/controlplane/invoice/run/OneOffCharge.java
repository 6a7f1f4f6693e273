package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;

/**
 * An order to charge something once.
 *
 * @param item a key for reports, such as {@code data-export}
 * @param description for people
 * @param quantity over 0
 * @param unitPrice at least 0, any scale, in the subscription's currency; with tax where the
 *     catalog's prices are
 * @param taxCategory key of one of the catalog's tax categories
 */
public record OneOffCharge(
    String item,
    String description,
    BigDecimal quantity,
    BigDecimal unitPrice,
    String taxCategory) {
  /** What is charged by hand and named no other. */
  public static final String ITEM = "charge";

  /** Of the standard tax category. */
  public OneOffCharge(String description, BigDecimal quantity, BigDecimal unitPrice) {
    this(ITEM, description, quantity, unitPrice, TaxRates.STANDARD);
  }

  /**
   * Refuses what cannot be charged.
   *
   * @throws Problem 422 naming {@code quantity}, {@code unitPrice} or {@code taxCategory}
   */
  void check(Catalog catalog) {
    if (quantity.signum() <= 0 || unitPrice.signum() < 0) {
      throw Problem.invalid(
          quantity.signum() <= 0 ? "quantity" : "unitPrice", "a positive number is expected");
    }
    if (!Amounts.isInRange(quantity) || !Amounts.isInRange(unitPrice)) {
      throw Problem.invalid(Amounts.isInRange(unitPrice) ? "quantity" : "unitPrice", Amounts.RANGE);
    }
    if (!catalog.taxes().categories().containsKey(taxCategory)) {
      throw Problem.invalid(
          "taxCategory",
          "one of the catalog's "
              + catalog.taxes().categories().keySet().stream().sorted().toList()
              + " is expected, not '"
              + taxCategory
              + "'");
    }
  }
}
