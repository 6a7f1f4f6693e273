package io.tollgate.controlplane.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All that is sold, at one version. Immutable; checked as a whole by its reader, so whoever holds a
 * catalog need not check references again.
 *
 * @param name what its versions have in common
 * @param title for people
 * @param seller who sells
 * @param products by key, in the file's order
 * @param meters by key, in the file's order
 * @param features by key, in the file's order
 * @param plans by key, in the file's order
 * @param addOns by key, in the file's order
 * @param coupons by code in upper case, in the file's order
 * @param taxes what is collected
 * @param policies the rules
 */
public record Catalog(
    String name,
    String title,
    Seller seller,
    Map<String, Product> products,
    Map<String, Meter> meters,
    Map<String, Feature> features,
    Map<String, Plan> plans,
    Map<String, AddOn> addOns,
    Map<String, Coupon> coupons,
    TaxRates taxes,
    Policies policies) {
  public Catalog {
    Objects.requireNonNull(name, "name");
    products = ordered(products);
    meters = ordered(meters);
    features = ordered(features);
    plans = ordered(plans);
    addOns = ordered(addOns);
    coupons = ordered(coupons);
  }

  /**
   * The same under another name. What is put before the name is put before the tenants of private
   * plans too: a scenario's tenants are called so.
   */
  public Catalog named(String other) {
    if (other.equals(name)) {
      return this;
    }
    String prefix = other.endsWith(name) ? other.substring(0, other.length() - name.length()) : "";
    Map<String, Plan> own = new LinkedHashMap<>();
    plans.forEach(
        (key, plan) ->
            own.put(
                key,
                plan.sold(
                    plan.archived(),
                    plan.tenants().stream()
                        .map(tenant -> prefix + tenant)
                        .collect(Collectors.toSet()))));
    return new Catalog(
        other, title, seller, products, meters, features, own, addOns, coupons, taxes, policies);
  }

  /** The plan of the key. */
  public Optional<Plan> plan(String key) {
    return Optional.ofNullable(plans.get(key));
  }

  /** The add-on of the key. */
  public Optional<AddOn> addOn(String key) {
    return Optional.ofNullable(addOns.get(key));
  }

  /** The coupon of the code, in whatever case it was typed. */
  public Optional<Coupon> coupon(String code) {
    return Optional.ofNullable(coupons.get(code.strip().toUpperCase(Locale.ROOT)));
  }

  /** The add-ons that can be added to a plan, in the file's order. */
  public List<AddOn> addOnsOf(String plan) {
    return addOns.values().stream().filter(addOn -> addOn.plans().contains(plan)).toList();
  }

  /** As a file has it, so that it is said in one order whenever it is said. */
  static <K, V> Map<K, V> ordered(Map<K, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
