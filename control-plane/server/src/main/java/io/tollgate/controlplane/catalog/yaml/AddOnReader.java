package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Effect;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml.Known;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;

/** Reads {@code add-ons}, each checked against every plan it can be added to. */
final class AddOnReader {
  private static final Pattern DAYS = Pattern.compile("([1-9][0-9]{0,3})-days?");

  private final Known known;
  private final Map<String, Plan> plans;

  AddOnReader(Known known, Map<String, Plan> plans) {
    this.known = known;
    this.plans = plans;
  }

  Map<String, AddOn> addOns(YamlMap map) {
    Map<String, AddOn> addOns = new LinkedHashMap<>();
    for (String key : CatalogYaml.keys(map)) {
      addOns.put(key, addOn(key, map.map(key)));
    }
    return addOns;
  }

  private AddOn addOn(String key, YamlMap map) {
    map.allow(
        "title",
        "description",
        "unit",
        "plans",
        "maximum",
        "prices",
        "one-off",
        "effects",
        "tax-category",
        "archived",
        "billed");
    Set<String> sellableWith = plans(map, plans);
    List<Price> recurring = Amounts.prices(map.map("prices"));
    Map<CurrencyUnit, BigDecimal> oneOff = Amounts.perCurrency(map.map("one-off"));
    if (recurring.isEmpty() == oneOff.isEmpty()) {
      throw map.mistake(
          "an add-on has either prices (per cycle) or a one-off price (once); give one of them");
    }
    List<Effect> effects =
        map.list("effects").stream().map(value -> effect(value.map(), sellableWith)).toList();
    AddOn addOn =
        new AddOn(
            key,
            CatalogYaml.text(map, "title", key),
            CatalogYaml.text(map, "description", ""),
            CatalogYaml.text(map, "unit", ""),
            sellableWith,
            map.find("maximum").map(value -> value.integer(1, 1_000_000)).orElse(1_000_000),
            recurring,
            oneOff,
            effects,
            known.taxCategory(map),
            CatalogYaml.flag(map, "archived"),
            PlanReader.billed(map));
    checkCurrencies(map, addOn);
    return addOn;
  }

  /** {@code plans: all}, or the keys of at least one plan. */
  static Set<String> plans(YamlMap map, Map<String, Plan> plans) {
    YamlValue value = map.value("plans");
    if (!value.isList()) {
      if (!value.word().equals("all")) {
        throw value.mistake("'all' or a list of plans is expected: " + names(plans));
      }
      return plans.keySet();
    }
    Set<String> keys = new LinkedHashSet<>();
    for (YamlValue element : value.list()) {
      keys.add(CatalogYaml.known(plans, element, "plan", "plans").key());
    }
    if (keys.isEmpty()) {
      throw value.mistake(
          "it is for no plan and nobody could buy it; name one of: " + names(plans));
    }
    return keys;
  }

  private void checkCurrencies(YamlMap map, AddOn addOn) {
    Set<CurrencyUnit> mine =
        addOn.isOneOff()
            ? addOn.oneOff().keySet()
            : addOn.recurring().stream().map(Price::currency).collect(Collectors.toSet());
    for (String key : addOn.plans()) {
      Plan plan = plans.get(key);
      for (Price price : plan == null ? List.<Price>of() : plan.prices()) {
        if (!mine.contains(price.currency())) {
          throw map.mistake(
              addOn.isOneOff() ? "one-off" : "prices",
              "plan "
                  + key
                  + " is sold in "
                  + price.currency().getCode()
                  + ", but the add-on has no price in it; add one");
        }
      }
      if (plan != null && !addOn.isOneOff()) {
        checkCycles(map, addOn, plan);
      }
    }
  }

  /** In each of the plan's currencies the add-on fits at least one of the plan's cycles. */
  private static void checkCycles(YamlMap map, AddOn addOn, Plan plan) {
    Map<CurrencyUnit, List<Price>> sold =
        plan.prices().stream().collect(Collectors.groupingBy(Price::currency));
    sold.forEach(
        (currency, prices) -> {
          if (prices.stream()
              .noneMatch(price -> addOn.price(currency, price.cycle()).isPresent())) {
            throw map.mistake(
                "prices",
                "plan "
                    + plan.key()
                    + " is sold "
                    + prices.stream().map(price -> price.cycle().toString()).toList()
                    + " in "
                    + currency.getCode()
                    + ", and no price of the add-on goes with that; add one");
          }
        });
  }

  private Effect effect(YamlMap map, Set<String> sellableWith) {
    map.among(
        "feature", "limit", "prepay", "value", "add", "multiply", "units", "priority", "expires");
    Effect effect;
    if (map.has("feature")) {
      effect = featureEffect(map, known.feature(map.value("feature")));
    } else if (map.has("limit")) {
      effect = limitEffect(map, sellableWith);
    } else if (map.has("prepay")) {
      effect =
          new Effect.Prepay(
              known.meter(map.value("prepay")).key(),
              map.value("units").whole(1, 1_000_000_000_000L),
              map.find("priority").map(value -> value.integer(0, 1000)).orElse(Effect.Prepay.USUAL),
              expiry(map));
    } else {
      throw map.mistake("an effect names a feature, a limit or a meter: feature, limit, prepay");
    }
    map.close();
    return effect;
  }

  private static Effect.Expiry expiry(YamlMap map) {
    if (!map.has("expires")) {
      map.find("expires");
      return new Effect.Expiry.Never();
    }
    YamlValue value = map.value("expires");
    return switch (value.word()) {
      case "never" -> new Effect.Expiry.Never();
      case "period-end" -> new Effect.Expiry.PeriodEnd();
      default -> {
        Matcher days = DAYS.matcher(value.word());
        if (!days.matches()) {
          throw value.mistake("never, period-end or 1-days to 3660-days is expected");
        }
        yield new Effect.Expiry.After(Math.min(Integer.parseInt(days.group(1)), 3660));
      }
    };
  }

  private static Effect featureEffect(YamlMap map, Feature feature) {
    if (!map.has("add")) {
      return new Effect.Grant(feature.key(), PlanReader.value(feature, map.value("value")));
    }
    if (feature.kind() != Feature.Kind.LIMITED) {
      throw map.mistake("add", "only a limited feature can be added to; use value");
    }
    return new Effect.AddToFeature(feature.key(), map.value("add").whole(1, 1_000_000_000_000L));
  }

  private Effect limitEffect(YamlMap map, Set<String> sellableWith) {
    YamlValue value = map.value("limit");
    String name = value.text();
    for (String key : sellableWith) {
      Plan plan = plans.get(key);
      if (plan != null && plan.limits().stream().noneMatch(l -> l.name().equals(name))) {
        throw value.mistake("plan " + key + " has no limit '" + name + "'; add it there");
      }
    }
    return map.has("multiply")
        ? new Effect.MultiplyLimit(name, map.value("multiply").integer(2, 1_000_000))
        : new Effect.AddToLimit(name, map.value("add").whole(1, 1_000_000_000_000L));
  }

  private static String names(Map<String, Plan> plans) {
    return String.join(", ", plans.keySet());
  }
}
