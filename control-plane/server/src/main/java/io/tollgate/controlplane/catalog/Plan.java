package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    String taxCategory) {
  public Plan {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(title, "title");
    prices = List.copyOf(prices);
    setupFees = Map.copyOf(setupFees);
    features = Map.copyOf(features);
    limits = List.copyOf(limits);
    charges = List.copyOf(charges);
  }

  /** The base fee's price for a currency and cycle; empty where the plan is not sold so. */
  public Optional<Price> price(CurrencyUnit currency, Cycle cycle) {
    return prices.stream()
        .filter(price -> price.currency().equals(currency) && price.cycle().equals(cycle))
        .findFirst();
  }
}
