package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * What taxes the seller collects, and how.
 *
 * @param inclusive whether the catalog's prices contain the tax
 * @param categories by key; there is always {@link #STANDARD}
 * @param rates the rates; the most specific that fits a buyer's place and a line's category holds
 * @param rounding of what the taxes are rounded once
 */
public record TaxRates(
    boolean inclusive, Map<String, Category> categories, List<Rate> rates, Rounding rounding) {
  /** The category of everything that names none. */
  public static final String STANDARD = "standard";

  /** The category of what is no supply, such as prepaid money: no tax, whatever the rates. */
  public static final String UNTAXED = ":untaxed";

  /** No tax at all. */
  public static final TaxRates NONE =
      new TaxRates(false, Map.of(STANDARD, new Category(STANDARD, "")), List.of());

  /** Taxes that are rounded line by line. */
  public TaxRates(boolean inclusive, Map<String, Category> categories, List<Rate> rates) {
    this(inclusive, categories, rates, Rounding.LINE);
  }

  public TaxRates {
    categories = Catalog.ordered(categories);
    rates = List.copyOf(rates);
    if (!categories.containsKey(STANDARD)) {
      throw new IllegalArgumentException("categories: 'standard' is missing");
    }
  }

  /**
   * A kind of thing sold, as the tax office sees it.
   *
   * @param key unique in the catalog
   * @param code the code an invoice shows, such as India's SAC 998314; may be empty
   */
  public record Category(String key, String code) {}

  /**
   * One tax at one place.
   *
   * @param name as an invoice shows it, such as {@code GST}
   * @param country ISO 3166-1 alpha-2 of the buyer
   * @param region ISO 3166-2 subdivision without the country, such as {@code MH}; empty for all
   * @param category the tax category; empty for all
   * @param percent 0 to 100, any scale
   * @param split how the amount is shown
   */
  public record Rate(
      String name,
      String country,
      String region,
      String category,
      BigDecimal percent,
      Split split) {}

  /** Of what the taxes are rounded once. */
  public enum Rounding {
    /** Of each line. */
    LINE,
    /** Of the whole invoice, per rate; the lines share the sum. */
    INVOICE
  }

  /** How a rate is split into the taxes an invoice shows. */
  public enum Split {
    /** As one tax. */
    NONE,
    /**
     * India: half CGST and half SGST where seller and buyer are in the same state, else the whole
     * as IGST.
     */
    INDIA_GST
  }
}
