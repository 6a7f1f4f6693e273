package io.tollgate.controlplane.tax;

import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.catalog.TaxRates.Category;
import io.tollgate.controlplane.catalog.TaxRates.Rate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * By which rates a document is taxed. A law that changes a rate asks nobody what version of the
 * catalog they bought: the newest version's rates hold for everyone. Whether prices contain the tax
 * is said where the prices are. Immutable.
 *
 * @param sold of the catalog version by which the document is priced
 * @param newest of the newest version of that catalog; where it has not the line's category, or no
 *     rate for it at the buyer's place, {@code sold} holds
 */
public record TaxRules(TaxRates sold, TaxRates newest) {
  /** The rates of one version and no other. */
  public static TaxRules of(TaxRates only) {
    return new TaxRules(only, only);
  }

  /** Whether the prices contain the tax. */
  public boolean inclusive() {
    return sold.inclusive();
  }

  /**
   * Whether the taxes of a document are rounded once per rate, rather than line by line. A provider
   * outside, which is asked where no rate is named, rounds by its own rules.
   */
  public boolean areRoundedOnce() {
    return !areNone() && newest.rounding() == TaxRates.Rounding.INVOICE;
  }

  /** Whether no version names any rate, for no place. */
  public boolean areNone() {
    return sold.rates().isEmpty() && newest.rates().isEmpty();
  }

  /** The category's code; empty if it has none. */
  public String code(String category) {
    Category found = newest.categories().getOrDefault(category, sold.categories().get(category));
    return found == null ? "" : found.code();
  }

  /**
   * The rates over 0 for a category at the buyer's place, one of each name, in the file's order.
   */
  List<Rate> at(TaxProfile buyer, String category) {
    List<Rate> now =
        newest.categories().containsKey(category) ? fitting(newest, buyer, category) : List.of();
    List<Rate> hold = now.isEmpty() ? fitting(sold, buyer, category) : now;
    return hold.stream().filter(rate -> rate.percent().signum() > 0).toList();
  }

  /** A rate of the same name: the most specific holds. Rates of different names add up. */
  private static List<Rate> fitting(TaxRates rates, TaxProfile buyer, String category) {
    Map<String, List<Rate>> byName =
        rates.rates().stream()
            .filter(rate -> rate.country().equals(buyer.country()))
            .filter(rate -> rate.region().isEmpty() || rate.region().equals(buyer.region()))
            .filter(rate -> rate.category().isEmpty() || rate.category().equals(category))
            .collect(Collectors.groupingBy(Rate::name));
    return rates.rates().stream()
        .map(Rate::name)
        .distinct()
        .filter(byName::containsKey)
        .map(name -> mostSpecific(byName.getOrDefault(name, List.of())))
        .toList();
  }

  private static Rate mostSpecific(List<Rate> rates) {
    return rates.stream()
        .max(
            Comparator.comparingInt(
                rate -> (rate.category().isEmpty() ? 0 : 2) + (rate.region().isEmpty() ? 0 : 1)))
        .orElseThrow();
  }
}
