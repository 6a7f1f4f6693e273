package io.tollgate.controlplane.catalog;

import io.tollgate.contract.StoreDown;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.joda.money.CurrencyUnit;

/**
 * A plan as it is sold.
 *
 * @param key unique in the catalog
 * @param product key of the product it is a plan of
 * @param title for people; appears on invoices
 * @param description one sentence; may be empty
 * @param rank its place among the product's plans: a change to a higher rank is an upgrade
 * @param archived no longer sold; subscribers keep it
 * @param trialDays free days before the first period, 0 for none
 * @param prices the base fee, charged in advance, one per currency and cycle
 * @param setupFees charged once at the start, per currency; none where empty
 * @param features what it says about features, by key; a feature not named is off
 * @param limits what it bounds
 * @param charges what it bills by usage, in arrears
 * @param taxCategory key of the base fee's tax category
 * @param minimum what base fee and usage of a whole period come to at least, before discounts and
 *     tax, per currency; none where empty
 * @param promotions prices that hold for a while instead
 * @param tenants who can buy it; everyone where empty
 * @param billed when its fee is billed
 * @param storeDown what holds at the proxies while limits cannot be asked; empty for their setting
 */
public record Plan(
    String key,
    String product,
    String title,
    String description,
    int rank,
    boolean archived,
    int trialDays,
    List<Price> prices,
    Map<CurrencyUnit, BigDecimal> setupFees,
    Map<String, FeatureValue> features,
    List<LimitSpec> limits,
    List<Charge> charges,
    String taxCategory,
    Map<CurrencyUnit, BigDecimal> minimum,
    List<Promotion> promotions,
    Set<String> tenants,
    Billed billed,
    Optional<StoreDown> storeDown) {
  /** A plan for everyone, billed in advance, without minimum and promotions. */
  public Plan(
      String key,
      String product,
      String title,
      String description,
      int rank,
      boolean archived,
      int trialDays,
      List<Price> prices,
      Map<CurrencyUnit, BigDecimal> setupFees,
      Map<String, FeatureValue> features,
      List<LimitSpec> limits,
      List<Charge> charges,
      String taxCategory) {
    this(
        key,
        product,
        title,
        description,
        rank,
        archived,
        trialDays,
        prices,
        setupFees,
        features,
        limits,
        charges,
        taxCategory,
        Map.of(),
        List.of(),
        Set.of(),
        Billed.IN_ADVANCE,
        Optional.empty());
  }

  public Plan {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(title, "title");
    prices = List.copyOf(prices);
    setupFees = Catalog.ordered(setupFees);
    features = Catalog.ordered(features);
    limits = List.copyOf(limits);
    charges = List.copyOf(charges);
    minimum = Catalog.ordered(minimum);
    promotions = List.copyOf(promotions);
    tenants = Set.copyOf(tenants);
  }

  /**
   * Prices for periods that begin inside a span of days.
   *
   * @param from first day
   * @param until first day no longer
   * @param prices instead of the plan's, per currency and cycle
   */
  public record Promotion(LocalDate from, LocalDate until, List<Price> prices) {
    public Promotion {
      prices = List.copyOf(prices);
      if (!from.isBefore(until)) {
        throw new IllegalArgumentException("promotion: " + until + " is not after " + from);
      }
    }
  }

  /**
   * The price for a period that begins on a day of the billing zone: a promotion's, if one holds.
   */
  public Optional<Price> price(CurrencyUnit currency, Cycle cycle, LocalDate day) {
    return promotions.stream()
        .filter(promotion -> !day.isBefore(promotion.from()) && day.isBefore(promotion.until()))
        .flatMap(promotion -> promotion.prices().stream())
        .filter(price -> price.currency().equals(currency) && price.cycle().equals(cycle))
        .findFirst()
        .or(() -> price(currency, cycle));
  }

  /** Whether the tenant can buy it. */
  public boolean isFor(String tenant) {
    return tenants.isEmpty() || tenants.contains(tenant);
  }

  /** The same, with other flags of who can buy it. */
  public Plan sold(boolean nowArchived, Set<String> to) {
    return new Plan(
        key,
        product,
        title,
        description,
        rank,
        nowArchived,
        trialDays,
        prices,
        setupFees,
        features,
        limits,
        charges,
        taxCategory,
        minimum,
        promotions,
        to,
        billed,
        storeDown);
  }

  /** The base fee's price for a currency and cycle; empty where the plan is not sold so. */
  public Optional<Price> price(CurrencyUnit currency, Cycle cycle) {
    return prices.stream()
        .filter(price -> price.currency().equals(currency) && price.cycle().equals(cycle))
        .findFirst();
  }

  /**
   * The base fee's price for a currency and cycle that somebody asks for.
   *
   * @throws Problem 422 that names the field: the currency where nothing is sold in it, else the
   *     cycle
   */
  public Price sold(CurrencyUnit currency, Cycle cycle) {
    if (prices.stream().noneMatch(price -> price.currency().equals(currency))) {
      throw Problem.invalid("currency", "'" + key + "' has no price in " + currency.getCode());
    }
    return price(currency, cycle)
        .orElseThrow(() -> Problem.invalid("cycle", "'" + key + "' is not sold " + cycle));
  }
}
