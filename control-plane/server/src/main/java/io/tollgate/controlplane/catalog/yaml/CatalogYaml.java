package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Product;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the catalog format, which {@code examples/catalogs/README.md} documents key by key. A
 * catalog is read whole or refused whole: whatever contradicts itself is a {@link YamlException}
 * with file, line, key and remedy, and nothing of it is applied. Stateless and thread-safe.
 */
public final class CatalogYaml {
  private static final Pattern NUMBER_PREFIX = Pattern.compile("[A-Z0-9]{1,8}");
  static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  static final String A_KEY =
      "a key: lower-case letters, digits, '.', '_' and '-', at most 64, such as 'pdf-receipts'";

  private CatalogYaml() {}

  /**
   * Reads a file.
   *
   * @throws YamlException at the first mistake
   */
  public static Catalog read(Path file) {
    return read(YamlFile.read(file));
  }

  /**
   * Reads a text.
   *
   * @param name what to call it in messages
   * @throws YamlException at the first mistake
   */
  public static Catalog parse(String name, String text) {
    return read(YamlFile.parse(name, text, Map.of()));
  }

  private static Catalog read(YamlMap root) {
    root.allow(
        "catalog",
        "title",
        "seller",
        "taxes",
        "policies",
        "products",
        "meters",
        "features",
        "plans",
        "add-ons",
        "coupons",
        "archived");
    String name = root.value("catalog").text(KEY, A_KEY);
    String title = text(root, "title", name);
    Seller seller = seller(root.map("seller"));
    TaxRates taxes = TaxReader.taxes(root.map("taxes"));
    Policies policies = PolicyReader.policies(root.map("policies"));
    Map<String, Product> products = products(root.map("products"), name, title);
    Map<String, Meter> meters = meters(root.map("meters"));
    Map<String, Feature> features = features(root.map("features"));
    Known known = new Known(products, meters, features, taxes, policies);
    Map<String, Plan> plans = new PlanReader(known).plans(root.map("plans"));
    if (plans.isEmpty()) {
      throw root.mistake("plans", "a catalog without a plan sells nothing; add one");
    }
    Map<String, AddOn> addOns = new AddOnReader(known, plans).addOns(root.map("add-ons"));
    Map<String, Coupon> coupons = CouponReader.coupons(root.map("coupons"), plans);
    archive(root, plans, addOns);
    return new Catalog(
        name, title, seller, products, meters, features, plans, addOns, coupons, taxes, policies);
  }

  /** {@code archived: [plans.KEY, add-ons.KEY]}, which archiving over HTTP adds. */
  private static void archive(YamlMap root, Map<String, Plan> plans, Map<String, AddOn> addOns) {
    for (YamlValue value : root.list("archived")) {
      String what = value.text();
      String key = what.substring(what.indexOf('.') + 1);
      if (what.startsWith("plans.") && plans.containsKey(key)) {
        plans.computeIfPresent(key, (k, plan) -> plan.sold(true, plan.tenants()));
      } else if (what.startsWith("add-ons.") && addOns.containsKey(key)) {
        addOns.computeIfPresent(key, (k, addOn) -> addOn.toArchive());
      } else {
        throw value.mistake("plans.KEY or add-ons.KEY of this catalog is expected");
      }
    }
  }

  /** What plans and add-ons may refer to. */
  record Known(
      Map<String, Product> products,
      Map<String, Meter> meters,
      Map<String, Feature> features,
      TaxRates taxes,
      Policies policies) {
    Meter meter(YamlValue value) {
      return known(meters, value, "meter", "meters");
    }

    Feature feature(YamlValue value) {
      return known(features, value, "feature", "features");
    }

    Product product(YamlValue value) {
      return known(products, value, "product", "products");
    }

    String taxCategory(YamlMap map) {
      return map.find("tax-category")
          .map(value -> known(taxes.categories(), value, "tax category", "taxes.categories").key())
          .orElse(TaxRates.STANDARD);
    }
  }

  /** The entry a value names. */
  static <V> V known(Map<String, V> entries, YamlValue value, String what, String where) {
    String key = value.text();
    V found = entries.get(key);
    if (found == null) {
      throw value.mistake(
          "there is no "
              + what
              + " '"
              + key
              + "'; add it under "
              + where
              + " or use one of: "
              + String.join(", ", entries.keySet().stream().sorted().toList()));
    }
    return found;
  }

  static String text(YamlMap map, String key, String byDefault) {
    return map.find(key).map(YamlValue::text).orElse(byDefault);
  }

  static boolean flag(YamlMap map, String key) {
    return map.find(key).map(YamlValue::bool).orElse(false);
  }

  /** A mapping's keys, each of which must look like one. */
  static List<String> keys(YamlMap map) {
    List<String> keys = map.keys();
    for (String key : keys) {
      if (!KEY.matcher(key).matches()) {
        throw map.mistake(key, "'" + key + "' is not " + A_KEY);
      }
    }
    return keys;
  }

  private static Seller seller(YamlMap map) {
    Map<String, String> identifiers = new LinkedHashMap<>();
    YamlMap ids = map.map("identifiers");
    for (String key : ids.keys()) {
      identifiers.put(key, ids.value(key).word());
    }
    Seller seller =
        new Seller(
            text(map, "name", ""),
            map.list("address").stream().map(YamlValue::text).toList(),
            TaxReader.country(map, ""),
            text(map, "region", ""),
            map.find("number-prefix")
                .map(prefix -> prefix.text(NUMBER_PREFIX, "1 to 8 of A-Z and 0-9 is expected"))
                .orElse(""),
            identifiers);
    map.close();
    return seller;
  }

  private static Map<String, Product> products(YamlMap map, String name, String title) {
    Map<String, Product> products = new LinkedHashMap<>();
    for (String key : keys(map)) {
      YamlMap product = map.map(key);
      products.put(key, new Product(key, text(product, "title", key)));
      product.close();
    }
    if (products.isEmpty()) {
      products.put(name, new Product(name, title));
    }
    return products;
  }

  private static Map<String, Meter> meters(YamlMap map) {
    Map<String, Meter> meters = new LinkedHashMap<>();
    for (String key : keys(map)) {
      YamlMap meter = map.map(key);
      long cost =
          meter.find("greatest-cost").map(value -> value.whole(1, Long.MAX_VALUE)).orElse(1L);
      int decimals = meter.find("decimals").map(value -> value.integer(0, 9)).orElse(0);
      String title = text(meter, "title", key);
      boolean transactions = meter.find("transactions").map(YamlValue::bool).orElse(false);
      meters.put(
          key, new Meter(key, title, text(meter, "unit", "unit"), decimals, cost, transactions));
      meter.close();
    }
    return meters;
  }

  private static Map<String, Feature> features(YamlMap map) {
    Map<String, Feature> features = new LinkedHashMap<>();
    for (String key : keys(map)) {
      YamlMap feature = map.map(key);
      feature.allow("title", "kind", "unit", "levels");
      Feature.Kind kind =
          feature
              .find("kind")
              .map(value -> value.oneOf(Feature.Kind.class))
              .orElse(Feature.Kind.SWITCH);
      List<String> levels = feature.list("levels").stream().map(YamlValue::text).toList();
      if ((kind == Feature.Kind.LEVELED) == levels.isEmpty()) {
        throw feature.mistake(
            "levels",
            levels.isEmpty()
                ? "a leveled feature needs its levels, lowest first, such as [basic, advanced]"
                : "only a feature of kind leveled has levels");
      }
      String unit = text(feature, "unit", kind == Feature.Kind.LIMITED ? key : "");
      features.put(key, new Feature(key, text(feature, "title", key), kind, unit, levels));
    }
    return features;
  }
}
