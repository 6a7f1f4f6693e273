package io.tollgate.controlplane.tax;

import io.tollgate.controlplane.catalog.Seller;
import java.util.List;
import org.joda.money.Money;

/** Who says what tax is due. Implementations are thread-safe. */
public interface TaxProvider {
  /**
   * Taxes lines after their discounts.
   *
   * @param rules for a provider that knows none of its own
   * @return one answer per line, in their order
   */
  List<TaxedLine> tax(Seller seller, TaxProfile buyer, TaxRules rules, List<Taxable> lines);

  /**
   * A line to be taxed.
   *
   * @param category key of the tax category
   * @param amount after discounts; with tax where the catalog's taxes are inclusive
   */
  record Taxable(String category, Money amount) {}
}
