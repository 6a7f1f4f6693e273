package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.contract.StoreDown;
import io.tollgate.controlplane.catalog.Billed;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Feature;
import io.tollgate.controlplane.catalog.FeatureValue;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Plan.Promotion;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml.Known;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.joda.money.CurrencyUnit;

/** Reads {@code plans} and checks that the plans of a product agree with each other. */
final class PlanReader {
  private final Known known;
  private final Map<String, YamlMap> limitsOf = new LinkedHashMap<>();

  PlanReader(Known known) {
    this.known = known;
  }

  Map<String, Plan> plans(YamlMap map) {
    Map<String, Plan> plans = new LinkedHashMap<>();
    for (String key : CatalogYaml.keys(map)) {
      plans.put(key, plan(key, plans.size(), map.map(key)));
    }
    for (Plan plan : plans.values()) {
      for (Plan other : plans.values()) {
        for (LimitSpec theirs : other.limits()) {
          checkLimit(plan, other, theirs);
        }
      }
    }
    return plans;
  }

  private Plan plan(String key, int place, YamlMap map) {
    map.allow(
        "title",
        "description",
        "product",
        "rank",
        "archived",
        "trial-days",
        "store-down",
        "prices",
        "billed",
        "setup-fee",
        "minimum",
        "promotions",
        "tenants",
        "features",
        "limits",
        "charges",
        "tax-category");
    List<Price> prices = Amounts.prices(map.map("prices"));
    YamlMap limits = map.map("limits");
    limitsOf.put(key, limits);
    Plan plan =
        new Plan(
            key,
            product(map),
            CatalogYaml.text(map, "title", key),
            CatalogYaml.text(map, "description", ""),
            map.find("rank").map(value -> value.integer(0, 1_000_000)).orElse(place),
            CatalogYaml.flag(map, "archived"),
            map.find("trial-days").map(value -> value.integer(0, 366)).orElse(0),
            prices,
            Amounts.wholePerCurrency(map.map("setup-fee")),
            features(map.map("features")),
            new LimitReader(known).limits(limits),
            charges(map.map("charges"), prices),
            known.taxCategory(map),
            Amounts.wholePerCurrency(map.map("minimum")),
            promotions(map, prices),
            tenants(map),
            billed(map),
            map.find("store-down").map(value -> value.oneOf(StoreDown.class)));
    if (prices.isEmpty()) {
      throw map.mistake(
          "prices", "a plan needs a price per currency and cycle, such as {USD: {monthly: 29}}");
    }
    return plan;
  }

  /** Dated prices, each in a currency and cycle the plan is sold in. */
  private static List<Promotion> promotions(YamlMap map, List<Price> prices) {
    List<Promotion> promotions = new ArrayList<>();
    for (YamlValue value : map.list("promotions")) {
      YamlMap each = value.map();
      each.allow("from", "until", "prices");
      LocalDate from = date(each.value("from"));
      LocalDate until = date(each.value("until"));
      if (!from.isBefore(until)) {
        throw each.mistake("until", "a day after " + from + " is expected");
      }
      List<Price> instead = Amounts.prices(each.map("prices"));
      for (Price price : instead) {
        if (price.isCustom()
            || prices.stream()
                .noneMatch(
                    own ->
                        own.currency().equals(price.currency())
                            && own.cycle().equals(price.cycle()))) {
          throw each.mistake(
              "prices",
              "the plan is not sold "
                  + price.cycle()
                  + " in "
                  + price.currency().getCode()
                  + " at a list price");
        }
      }
      if (instead.isEmpty()) {
        throw each.mistake("prices", "a promotion without a price; give one");
      }
      promotions.add(new Promotion(from, until, instead));
    }
    return promotions;
  }

  /** {@code billed}, in advance where nothing is said. */
  static Billed billed(YamlMap map) {
    return map.find("billed").map(value -> value.oneOf(Billed.class)).orElse(Billed.IN_ADVANCE);
  }

  private static LocalDate date(YamlValue value) {
    try {
      return LocalDate.parse(value.word());
    } catch (DateTimeException e) {
      throw value.mistake("a date such as 2027-01-31 is expected");
    }
  }

  private static Set<String> tenants(YamlMap map) {
    Set<String> tenants = new LinkedHashSet<>();
    map.list("tenants").forEach(value -> tenants.add(value.text()));
    return tenants;
  }

  private String product(YamlMap map) {
    if (map.has("product") || known.products().size() > 1) {
      return known.product(map.value("product")).key();
    }
    return known.products().keySet().iterator().next();
  }

  private Map<String, FeatureValue> features(YamlMap map) {
    Map<String, FeatureValue> values = new LinkedHashMap<>();
    for (String key : map.keys()) {
      Feature feature = known.features().get(key);
      if (feature == null) {
        throw map.mistake(
            key,
            "there is no feature '"
                + key
                + "'; add it under features or use one of: "
                + String.join(", ", known.features().keySet()));
      }
      values.put(key, value(feature, map.value(key)));
    }
    return values;
  }

  /** What a plan or add-on can say about a feature of its kind. */
  static FeatureValue value(Feature feature, YamlValue value) {
    String word = value.word();
    if (word.equals("false")) {
      return FeatureValue.OFF;
    }
    return switch (feature.kind()) {
      case SWITCH -> {
        if (!value.bool()) {
          yield FeatureValue.OFF;
        }
        yield FeatureValue.ON;
      }
      case LIMITED ->
          word.equals("unlimited")
              ? FeatureValue.ON
              : FeatureValue.upTo(value.whole(0, Long.MAX_VALUE / 2));
      case LEVELED -> {
        if (!feature.levels().contains(word)) {
          throw value.mistake(
              "false or a level is expected: " + String.join(", ", feature.levels()));
        }
        yield FeatureValue.level(word);
      }
    };
  }

  private List<Charge> charges(YamlMap map, List<Price> prices) {
    List<Charge> charges = new ArrayList<>();
    for (String key : CatalogYaml.keys(map)) {
      YamlMap charge = map.map(key);
      charge.allow("title", "meter", "prices", "tax-category");
      Meter meter = known.meter(charge.value("meter"));
      YamlMap perCurrency = charge.map("prices");
      Map<CurrencyUnit, PriceModel> models = new LinkedHashMap<>();
      for (String code : perCurrency.keys()) {
        PriceModel model = PriceModelReader.model(perCurrency.map(code));
        if (model.goesByTransaction() && !meter.transactions()) {
          throw perCurrency.mistake(
              code,
              "prices single transactions, which the meter "
                  + meter.key()
                  + " does not keep; write transactions: true there");
        }
        models.put(Amounts.currency(perCurrency, code), model);
      }
      for (Price price : prices) {
        if (!models.containsKey(price.currency())) {
          throw charge.mistake(
              "prices",
              "the plan is sold in "
                  + price.currency().getCode()
                  + ", but its usage of "
                  + meter.key()
                  + " has no price in it; add one, unit-price: 0 for none");
        }
      }
      charges.add(
          new Charge(
              key,
              CatalogYaml.text(charge, "title", meter.title()),
              meter.key(),
              models,
              known.taxCategory(charge)));
    }
    return charges;
  }

  /**
   * Each limit of a plan is a limit of the others of its product; and those of one name, whatever
   * product, are of the same kind, meter and window: who has both plans has one limit of the two.
   */
  private void checkLimit(Plan plan, Plan other, LimitSpec theirs) {
    YamlMap limits = Objects.requireNonNull(limitsOf.get(plan.key()));
    Optional<LimitSpec> mine =
        plan.limits().stream().filter(limit -> limit.name().equals(theirs.name())).findFirst();
    if (mine.isEmpty() && plan.product().equals(other.product())) {
      throw limits.mistake(
          "plan "
              + other.key()
              + " has the limit '"
              + theirs.name()
              + "' and this plan does not; add it, or say "
              + theirs.name()
              + ": unlimited");
    }
    String here = mine.map(PlanReader::window).orElse("");
    String there = window(theirs);
    if (!here.isEmpty() && !there.isEmpty() && !here.equals(there)) {
      throw limits.mistake(
          theirs.name(),
          "is "
              + here
              + " here and "
              + there
              + " in plan "
              + other.key()
              + "; one name is one limit, so give one of them another name");
    }
  }

  /** What must be alike in limits of one name; empty for one without a bound. */
  private static String window(LimitSpec limit) {
    return switch (limit) {
      case LimitSpec.Rate rate -> "a rate of " + rate.meter() + " per " + rate.per();
      case LimitSpec.Quota quota -> "a quota of " + quota.meter() + " per " + quota.window();
      case LimitSpec.Concurrency concurrency -> "a concurrency";
      case LimitSpec.Unlimited unlimited -> "";
    };
  }
}
