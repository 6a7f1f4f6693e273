package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.PriceModel.Step;
import io.tollgate.controlplane.catalog.PriceModel.Threshold;
import io.tollgate.controlplane.catalog.PriceModel.Tier;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a price model: its own keys, then the wrappers that any model can have. */
final class PriceModelReader {
  private static final long MOST_FREE = 1_000_000_000L;

  /** Those of every model, and of what any model can have. */
  private static final String[] KEYS = {
    "model",
    "amount",
    "unit-price",
    "tiers",
    "flat-at-zero",
    "size",
    "price",
    "free",
    "round",
    "steps",
    "percent",
    "fixed",
    "least",
    "most",
    "per",
    "free-transactions",
    "free-amount",
    "included",
    "volume-discount",
    "minimum",
    "cap"
  };

  private PriceModelReader() {}

  /** The models by their names in the file. */
  private enum Name {
    FLAT,
    PER_UNIT,
    GRADUATED,
    VOLUME,
    PACKAGE,
    STAIRSTEP,
    PERCENTAGE,
    GRADUATED_PERCENTAGE,
    PREPAID_BLOCKS
  }

  static PriceModel model(YamlMap map) {
    map.among(KEYS);
    PriceModel model =
        switch (map.value("model").oneOf(Name.class)) {
          case FLAT -> new PriceModel.Flat(Amounts.amount(map.value("amount")));
          case PER_UNIT -> new PriceModel.PerUnit(Amounts.amount(map.value("unit-price")));
          case GRADUATED -> {
            List<Tier> tiers = tiers(map, "unit-price");
            yield unused(map, new PriceModel.Graduated(tiers), tiers.getFirst().flat());
          }
          case VOLUME -> {
            List<Tier> tiers = tiers(map, "unit-price");
            yield unused(map, new PriceModel.Volume(tiers), tiers.getFirst().flat());
          }
          case GRADUATED_PERCENTAGE -> {
            List<Tier> tiers = tiers(map, "percent");
            yield unused(map, new PriceModel.GraduatedPercentage(tiers), tiers.getFirst().flat());
          }
          case PACKAGE ->
              new PriceModel.Blocks(
                  Amounts.positive(map.value("size")),
                  Amounts.amount(map.value("price")),
                  Amounts.amount(map, "free"),
                  map.find("round")
                      .map(value -> value.oneOf(PriceModel.Rounding.class))
                      .orElse(PriceModel.Rounding.UP));
          case STAIRSTEP -> {
            List<Step> steps = steps(map);
            yield unused(map, new PriceModel.Stairstep(steps), steps.getFirst().amount());
          }
          case PERCENTAGE -> percentage(map);
          case PREPAID_BLOCKS ->
              new PriceModel.PrepaidBlocks(
                  Amounts.positive(map.value("size")), Amounts.amount(map.value("price")));
        };
    PriceModel wrapped = wrapped(map, model);
    map.close();
    return wrapped;
  }

  /** A fee's price by its quantity: a model of units held, not of what is metered or prepaid. */
  static PriceModel ofFee(YamlMap map) {
    map.among(KEYS);
    return switch (map.value("model").oneOf(Name.class)) {
      case PERCENTAGE, GRADUATED_PERCENTAGE, PREPAID_BLOCKS ->
          throw map.mistake(
              "model", "of a fee: flat, per-unit, graduated, volume, package or stairstep");
      case FLAT, PER_UNIT, GRADUATED, VOLUME, PACKAGE, STAIRSTEP -> model(map);
    };
  }

  /** With {@code flat-at-zero} the first tier's amount is due where nothing was used, too. */
  private static PriceModel unused(YamlMap map, PriceModel model, BigDecimal amount) {
    return CatalogYaml.flag(map, "flat-at-zero") ? new PriceModel.Unused(model, amount) : model;
  }

  /** From the inside out: included units, volume discount, minimum, cap. */
  private static PriceModel wrapped(YamlMap map, PriceModel model) {
    PriceModel wrapped = model;
    Optional<BigDecimal> included = map.find("included").map(Amounts::amount);
    if (included.filter(units -> units.signum() > 0).isPresent()) {
      wrapped = new PriceModel.Included(included.get(), wrapped);
    }
    List<Threshold> thresholds = thresholds(map);
    if (!thresholds.isEmpty()) {
      wrapped = new PriceModel.VolumeDiscount(wrapped, thresholds);
    }
    Optional<BigDecimal> minimum = map.find("minimum").map(Amounts::positive);
    if (minimum.isPresent()) {
      wrapped = new PriceModel.Minimum(wrapped, minimum.get());
    }
    Optional<BigDecimal> cap = map.find("cap").map(Amounts::positive);
    if (cap.isPresent()) {
      if (minimum.isPresent() && cap.get().compareTo(minimum.get()) < 0) {
        throw map.mistake("cap", "the cap is below the minimum; raise it or drop one of them");
      }
      wrapped = new PriceModel.Cap(wrapped, cap.get());
    }
    return wrapped;
  }

  private static PriceModel percentage(YamlMap map) {
    @Nullable BigDecimal least = map.find("least").map(Amounts::amount).orElse(null);
    @Nullable BigDecimal most = map.find("most").map(Amounts::amount).orElse(null);
    if (least != null && most != null && most.compareTo(least) < 0) {
      throw map.mistake("most", "the greatest fee is below the least one");
    }
    BigDecimal percent = Amounts.percent(map.value("percent"));
    BigDecimal fixed = Amounts.amount(map, "fixed");
    if (map.find("per").map(value -> value.oneOf(Per.class)).orElse(Per.PERIOD) == Per.PERIOD) {
      return new PriceModel.Percentage(percent, fixed, least, most);
    }
    if (map.has("included")) {
      throw map.mistake("included", "per transaction, free-transactions or free-amount is meant");
    }
    return new PriceModel.TransactionPercentage(
        percent,
        fixed,
        least,
        most,
        map.find("free-transactions").map(value -> value.whole(1, MOST_FREE)).orElse(null),
        map.find("free-amount").map(Amounts::positive).orElse(null));
  }

  /** What a percentage's fixed fee and bounds are of. */
  private enum Per {
    PERIOD,
    TRANSACTION
  }

  private static List<Tier> tiers(YamlMap map, String priceKey) {
    List<Tier> tiers = new ArrayList<>();
    String[] allowed =
        priceKey.equals("percent")
            ? new String[] {"above", "up-to", "percent", "flat"}
            : new String[] {"above", "up-to", "unit-price", "flat", "size"};
    for (YamlMap tier : bounded(map, "tiers", allowed)) {
      BigDecimal price =
          priceKey.equals("percent")
              ? Amounts.percent(tier.value(priceKey))
              : Amounts.amount(tier.value(priceKey));
      // A share of an amount has no blocks.
      BigDecimal size =
          priceKey.equals("percent") ? null : tier.find("size").map(Amounts::positive).orElse(null);
      tiers.add(new Tier(upTo(tier), price, Amounts.amount(tier, "flat"), size));
      tier.close();
    }
    return tiers;
  }

  private static List<Step> steps(YamlMap map) {
    List<Step> steps = new ArrayList<>();
    for (YamlMap step : bounded(map, "steps", "above", "up-to", "amount")) {
      steps.add(new Step(upTo(step), Amounts.amount(step.value("amount"))));
      step.close();
    }
    return steps;
  }

  /** The list's mappings, checked to follow each other from 0 without gap, overlap or end. */
  private static List<YamlMap> bounded(YamlMap map, String key, String... allowed) {
    List<YamlMap> elements = new ArrayList<>();
    BigDecimal reached = BigDecimal.ZERO;
    boolean open = true;
    for (YamlValue value : map.value(key).list()) {
      YamlMap element = value.map();
      // Before the bounds, which a misspelt one leaves out.
      element.allow(allowed);
      if (!open) {
        throw value.mistake("the one before it has no up-to and takes every quantity; end it");
      }
      checkFrom(element, reached);
      BigDecimal upTo = upTo(element);
      if (upTo != null && upTo.compareTo(reached) <= 0) {
        throw element.mistake(
            "up-to",
            "overlaps what ends at " + plain(reached) + "; the bounds must rise, here above it");
      }
      open = upTo != null;
      reached = upTo == null ? reached : upTo;
      elements.add(element);
    }
    if (open) {
      throw map.mistake(
          key,
          "a quantity above "
              + plain(reached)
              + " has no price: a gap; leave out up-to in the last one");
    }
    return elements;
  }

  private static void checkFrom(YamlMap element, BigDecimal reached) {
    Optional<BigDecimal> above = element.find("above").map(Amounts::amount);
    if (above.isEmpty() || above.get().compareTo(reached) == 0) {
      return;
    }
    boolean gap = above.get().compareTo(reached) > 0;
    throw element.mistake(
        "above",
        (gap ? "leaves a gap after " : "overlaps what ends at ")
            + plain(reached)
            + "; write above: "
            + plain(reached)
            + ", or leave it out");
  }

  private static @Nullable BigDecimal upTo(YamlMap element) {
    return element.find("up-to").map(Amounts::positive).orElse(null);
  }

  private static List<Threshold> thresholds(YamlMap map) {
    List<Threshold> thresholds = new ArrayList<>();
    for (YamlValue value : map.list("volume-discount")) {
      YamlMap element = value.map();
      element.allow("more-than", "percent");
      Threshold threshold =
          new Threshold(
              Amounts.amount(element.value("more-than")),
              Amounts.percent(element.value("percent")));
      if (!thresholds.isEmpty()
          && threshold.moreThan().compareTo(thresholds.getLast().moreThan()) <= 0) {
        throw element.mistake("more-than", "thresholds must rise");
      }
      thresholds.add(threshold);
    }
    return thresholds;
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
