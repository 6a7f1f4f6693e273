package io.tollgate.controlplane.rating;

import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.PriceModel.Blocks;
import io.tollgate.controlplane.catalog.PriceModel.Cap;
import io.tollgate.controlplane.catalog.PriceModel.Flat;
import io.tollgate.controlplane.catalog.PriceModel.Graduated;
import io.tollgate.controlplane.catalog.PriceModel.GraduatedPercentage;
import io.tollgate.controlplane.catalog.PriceModel.Included;
import io.tollgate.controlplane.catalog.PriceModel.Minimum;
import io.tollgate.controlplane.catalog.PriceModel.PerUnit;
import io.tollgate.controlplane.catalog.PriceModel.Percentage;
import io.tollgate.controlplane.catalog.PriceModel.PrepaidBlocks;
import io.tollgate.controlplane.catalog.PriceModel.Stairstep;
import io.tollgate.controlplane.catalog.PriceModel.Step;
import io.tollgate.controlplane.catalog.PriceModel.Threshold;
import io.tollgate.controlplane.catalog.PriceModel.Tier;
import io.tollgate.controlplane.catalog.PriceModel.TransactionPercentage;
import io.tollgate.controlplane.catalog.PriceModel.Unused;
import io.tollgate.controlplane.catalog.PriceModel.Volume;
import io.tollgate.controlplane.catalog.PriceModel.VolumeDiscount;
import io.tollgate.controlplane.rating.PricedLine.Part;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The price models as functions of a quantity. Pure, exact, thread-safe; nothing is rounded. */
public final class PriceModels {
  private PriceModels() {}

  /** Prices a quantity for which nothing was prepaid. */
  public static Rated rate(PriceModel model, BigDecimal quantity) {
    return rate(model, quantity, BigDecimal.ZERO);
  }

  /**
   * Prices a quantity.
   *
   * @param model how
   * @param quantity at least 0, fractions allowed
   * @param carried prepaid units left from the period before, at least 0
   * @throws IllegalArgumentException if a number is negative
   */
  public static Rated rate(PriceModel model, BigDecimal quantity, BigDecimal carried) {
    return rate(model, quantity, carried, List.of());
  }

  /**
   * As {@link #rate(PriceModel, BigDecimal, BigDecimal)}, where single transactions are known.
   *
   * @param transactions their amounts in their order, part of {@code quantity}; below zero for what
   *     was taken back
   */
  public static Rated rate(
      PriceModel model, BigDecimal quantity, BigDecimal carried, List<BigDecimal> transactions) {
    if (quantity.signum() < 0 || carried.signum() < 0) {
      throw new IllegalArgumentException("quantity: at least 0, not " + quantity.min(carried));
    }
    return switch (model) {
      case Flat flat -> Rated.of(List.of(once(flat.amount(), "flat")));
      case PerUnit per -> Rated.of(units(quantity, per.unitPrice(), "per unit"));
      case Graduated graduated -> Rated.of(graduated(graduated.tiers(), quantity, 0));
      case GraduatedPercentage shares -> Rated.of(graduated(shares.tiers(), quantity, 2));
      case Volume volume -> Rated.of(volume(volume.tiers(), quantity));
      case Blocks blocks -> Rated.of(blocks(blocks, quantity));
      case Stairstep stairs -> Rated.of(stairstep(stairs.steps(), quantity));
      case Percentage percentage -> Rated.of(percentage(percentage, quantity));
      case TransactionPercentage percentage ->
          Transactions.rate(percentage, quantity, transactions);
      case PrepaidBlocks blocks -> prepaid(blocks, quantity, carried);
      case Included in ->
          included(
              in.units(),
              quantity,
              rate(in.overage(), above(in.units(), quantity), carried, transactions));
      case Unused unused ->
          quantity.signum() == 0
              ? Rated.of(onceUnlessZero(unused.amount(), "nothing used"), carried)
              : rate(unused.of(), quantity, carried, transactions);
      case VolumeDiscount discount ->
          discounted(
              discount.thresholds(),
              quantity,
              rate(discount.of(), quantity, carried, transactions));
      case Minimum minimum ->
          raised(
              rate(minimum.of(), quantity, carried, transactions),
              minimum.amount(),
              "up to the minimum");
      case Cap cap ->
          lowered(rate(cap.of(), quantity, carried, transactions), cap.amount(), "down to the cap");
    };
  }

  /** Tiers in turn; {@code percentScale} moves the unit price's point: 2 for percentages. */
  private static List<Part> graduated(List<Tier> tiers, BigDecimal quantity, int percentScale) {
    List<Part> parts = new ArrayList<>();
    BigDecimal from = BigDecimal.ZERO;
    for (Tier tier : tiers) {
      if (quantity.compareTo(from) <= 0) {
        break;
      }
      BigDecimal to = tier.upTo() == null ? quantity : tier.upTo().min(quantity);
      String text = range(from, tier.upTo());
      BigDecimal price = tier.unitPrice().movePointLeft(percentScale);
      parts.addAll(units(counted(to.subtract(from), tier), price, text + blocks(tier)));
      parts.addAll(onceUnlessZero(tier.flat(), text));
      from = to;
    }
    return parts;
  }

  private static List<Part> volume(List<Tier> tiers, BigDecimal quantity) {
    if (quantity.signum() == 0) {
      return List.of();
    }
    BigDecimal from = BigDecimal.ZERO;
    for (Tier tier : tiers) {
      if (reaches(tier.upTo(), quantity)) {
        String text = range(from, tier.upTo());
        List<Part> parts =
            new ArrayList<>(units(counted(quantity, tier), tier.unitPrice(), text + blocks(tier)));
        parts.addAll(onceUnlessZero(tier.flat(), text));
        return parts;
      }
      from = tier.upTo() == null ? from : tier.upTo();
    }
    throw new IllegalArgumentException("tiers: none holds " + quantity);
  }

  /** Units, or begun blocks of them. */
  private static BigDecimal counted(BigDecimal units, Tier tier) {
    return tier.size() == null ? units : begun(units, tier.size());
  }

  private static String blocks(Tier tier) {
    return tier.size() == null ? "" : ", blocks of " + plain(tier.size());
  }

  private static List<Part> stairstep(List<Step> steps, BigDecimal quantity) {
    if (quantity.signum() == 0) {
      return List.of();
    }
    BigDecimal from = BigDecimal.ZERO;
    for (Step step : steps) {
      if (reaches(step.upTo(), quantity)) {
        return List.of(once(step.amount(), range(from, step.upTo())));
      }
      from = step.upTo() == null ? from : step.upTo();
    }
    throw new IllegalArgumentException("steps: none holds " + quantity);
  }

  private static List<Part> blocks(Blocks blocks, BigDecimal quantity) {
    BigDecimal over = above(blocks.free(), quantity);
    String text = "blocks of " + plain(blocks.size());
    return switch (blocks.rounding()) {
      case UP -> units(begun(over, blocks.size()), blocks.price(), text);
      case DOWN -> units(over.divideToIntegralValue(blocks.size()), blocks.price(), text);
      case NONE -> units(over, blocks.price().divide(blocks.size(), MathContext.DECIMAL128), text);
    };
  }

  private static Rated prepaid(PrepaidBlocks blocks, BigDecimal quantity, BigDecimal carried) {
    BigDecimal missing = above(carried, quantity);
    BigDecimal bought = begun(missing, blocks.size());
    return Rated.of(
        units(bought, blocks.price(), "prepaid blocks of " + plain(blocks.size())),
        carried.add(bought.multiply(blocks.size())).subtract(quantity));
  }

  private static List<Part> percentage(Percentage percentage, BigDecimal metered) {
    if (metered.signum() == 0) {
      return List.of();
    }
    BigDecimal rate = percentage.percent().movePointLeft(2);
    List<Part> parts = new ArrayList<>(units(metered, rate, plain(percentage.percent()) + " %"));
    parts.addAll(onceUnlessZero(percentage.fixed(), "fixed fee"));
    Rated rated = Rated.of(parts);
    if (percentage.least() != null) {
      rated = raised(rated, percentage.least(), "up to the least fee");
    }
    if (percentage.most() != null) {
      rated = lowered(rated, percentage.most(), "down to the greatest fee");
    }
    return rated.parts();
  }

  private static Rated included(BigDecimal units, BigDecimal quantity, Rated overage) {
    List<Part> parts = new ArrayList<>();
    BigDecimal used = quantity.min(units);
    if (used.signum() > 0) {
      parts.add(new Part(used, BigDecimal.ZERO, BigDecimal.ZERO, "included"));
    }
    parts.addAll(overage.parts());
    return Rated.of(parts, overage.carriedOver());
  }

  private static Rated discounted(List<Threshold> thresholds, BigDecimal quantity, Rated rated) {
    BigDecimal percent = BigDecimal.ZERO;
    for (Threshold threshold : thresholds) {
      if (quantity.compareTo(threshold.moreThan()) > 0) {
        percent = threshold.percent();
      }
    }
    if (percent.signum() == 0) {
      return rated;
    }
    BigDecimal off = rated.amount().multiply(percent).movePointLeft(2).negate();
    return with(rated, once(off, "volume discount " + plain(percent) + " %"));
  }

  private static Rated raised(Rated rated, BigDecimal least, String text) {
    BigDecimal missing = least.subtract(rated.amount());
    return missing.signum() > 0 ? with(rated, once(missing, text)) : rated;
  }

  private static Rated lowered(Rated rated, BigDecimal most, String text) {
    BigDecimal missing = most.subtract(rated.amount());
    return missing.signum() < 0 ? with(rated, once(missing, text)) : rated;
  }

  private static Rated with(Rated rated, Part part) {
    List<Part> parts = new ArrayList<>(rated.parts());
    parts.add(part);
    return Rated.of(parts, rated.carriedOver());
  }

  private static List<Part> units(BigDecimal quantity, BigDecimal unitPrice, String text) {
    return quantity.signum() == 0
        ? List.of()
        : List.of(new Part(quantity, unitPrice, quantity.multiply(unitPrice), text));
  }

  private static List<Part> onceUnlessZero(BigDecimal amount, String text) {
    return amount.signum() == 0 ? List.of() : List.of(once(amount, text));
  }

  private static Part once(BigDecimal amount, String text) {
    return new Part(BigDecimal.ONE, amount, amount, text);
  }

  private static boolean reaches(@Nullable BigDecimal upTo, BigDecimal quantity) {
    return upTo == null || quantity.compareTo(upTo) <= 0;
  }

  private static BigDecimal above(BigDecimal units, BigDecimal quantity) {
    return quantity.subtract(units).max(BigDecimal.ZERO);
  }

  private static BigDecimal begun(BigDecimal units, BigDecimal size) {
    return units.divide(size, 0, RoundingMode.CEILING);
  }

  private static String range(BigDecimal above, @Nullable BigDecimal upTo) {
    if (upTo == null) {
      return above.signum() == 0 ? "all units" : "above " + plain(above);
    }
    return above.signum() == 0
        ? "up to " + plain(upTo)
        : "above " + plain(above) + " up to " + plain(upTo);
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
