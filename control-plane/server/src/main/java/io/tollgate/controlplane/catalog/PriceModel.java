package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How units become an amount, in one currency. Amounts and unit prices are exact decimals of any
 * scale; {@code rating} rounds once per line. Bounds of tiers are inclusive: {@code upTo} 1,000
 * prices the 1,000th unit in that tier.
 *
 * <p>The wrapping models ({@link Unused}, {@link Included}, {@link VolumeDiscount}, {@link
 * Minimum}, {@link Cap}) hold another model, so that every combination of them is expressible.
 */
public sealed interface PriceModel {
  /**
   * One tier.
   *
   * @param upTo the tier's last unit; null for the last tier, which has no end
   * @param unitPrice per unit, per begun block, or the percentage where the model is a percentage
   * @param flat once, as soon as a unit falls into the tier
   * @param size units of a block, over 0, of which a begun one costs whole; null for single units
   */
  record Tier(
      @Nullable BigDecimal upTo, BigDecimal unitPrice, BigDecimal flat, @Nullable BigDecimal size) {
    /** A tier of single units. */
    public Tier(@Nullable BigDecimal upTo, BigDecimal unitPrice, BigDecimal flat) {
      this(upTo, unitPrice, flat, null);
    }
  }

  /**
   * One step of a stairstep price.
   *
   * @param upTo the step's last unit; null for the last step
   * @param amount for the whole quantity when it ends in this step
   */
  record Step(@Nullable BigDecimal upTo, BigDecimal amount) {}

  /**
   * A threshold of a volume discount.
   *
   * @param moreThan the discount applies strictly above this quantity (document 004)
   * @param percent off the whole amount, 0 to 100
   */
  record Threshold(BigDecimal moreThan, BigDecimal percent) {}

  /** The same amount whatever is used. */
  record Flat(BigDecimal amount) implements PriceModel {}

  /** Every unit at one price. */
  record PerUnit(BigDecimal unitPrice) implements PriceModel {}

  /** Each unit at the price of the tier it falls into. */
  record Graduated(List<Tier> tiers) implements PriceModel {
    public Graduated {
      tiers = List.copyOf(tiers);
    }
  }

  /** All units at the price of the tier the whole quantity falls into. */
  record Volume(List<Tier> tiers) implements PriceModel {
    public Volume {
      tiers = List.copyOf(tiers);
    }
  }

  /**
   * Package pricing: blocks of {@code size} units, begun ones counted whole, after {@code free}
   * units.
   */
  record Blocks(BigDecimal size, BigDecimal price, BigDecimal free, Rounding rounding)
      implements PriceModel {
    /** Blocks of which a begun one counts whole. */
    public Blocks(BigDecimal size, BigDecimal price, BigDecimal free) {
      this(size, price, free, Rounding.UP);
    }
  }

  /** What a part of a block counts as. */
  enum Rounding {
    /** A whole one. */
    UP,
    /** Nothing. */
    DOWN,
    /** The part it is. */
    NONE
  }

  /** One amount for the whole quantity, by the step it falls into; nothing for no usage. */
  record Stairstep(List<Step> steps) implements PriceModel {
    public Stairstep {
      steps = List.copyOf(steps);
    }
  }

  /**
   * A share of a metered amount. The meter's units are the currency's major units.
   *
   * @param percent of the metered amount
   * @param fixed added once when the metered amount is not 0
   * @param least the line is at least this when the metered amount is not 0; null for no bound
   * @param most the line is at most this; null for no bound
   */
  record Percentage(
      BigDecimal percent, BigDecimal fixed, @Nullable BigDecimal least, @Nullable BigDecimal most)
      implements PriceModel {}

  /**
   * A share of each transaction's amount with a fee and bounds of its own (Lago's percentage
   * charge). The meter keeps transactions; what was counted and not told one by one is charged its
   * share alone.
   *
   * @param percent of the amount
   * @param fixed added to each transaction that is not free
   * @param least a transaction that is not free costs at least this; null for no bound
   * @param most a transaction costs at most this; null for no bound
   * @param freeTransactions so many first ones are free; null for no bound where an amount is free
   * @param freeAmount up to so much in all is free; null for no bound. With both, what is reached
   *     first ends what is free
   */
  record TransactionPercentage(
      BigDecimal percent,
      BigDecimal fixed,
      @Nullable BigDecimal least,
      @Nullable BigDecimal most,
      @Nullable Long freeTransactions,
      @Nullable BigDecimal freeAmount)
      implements PriceModel {}

  /** As {@link Graduated}, with percentages of the metered amount instead of unit prices. */
  record GraduatedPercentage(List<Tier> tiers) implements PriceModel {
    public GraduatedPercentage {
      tiers = List.copyOf(tiers);
    }
  }

  /** The other model's amount less the percentage of the highest threshold that is exceeded. */
  record VolumeDiscount(PriceModel of, List<Threshold> thresholds) implements PriceModel {
    public VolumeDiscount {
      thresholds = List.copyOf(thresholds);
    }
  }

  /**
   * The other model's amount, and an amount where there are no units: the first tier begins at
   * nothing used, so that its flat amount is due then too (OpenMeter, Lago, Zuora).
   */
  record Unused(PriceModel of, BigDecimal amount) implements PriceModel {}

  /** So many units for nothing; what is above them by the other model. */
  record Included(BigDecimal units, PriceModel overage) implements PriceModel {}

  /** The other model's amount, but at least the commitment, also without usage. */
  record Minimum(PriceModel of, BigDecimal amount) implements PriceModel {}

  /** The other model's amount, but at most the cap. */
  record Cap(PriceModel of, BigDecimal amount) implements PriceModel {}

  /** Whether it prices single transactions. */
  default boolean goesByTransaction() {
    return switch (this) {
      case TransactionPercentage percentage -> true;
      case VolumeDiscount discount -> discount.of().goesByTransaction();
      case Unused unused -> unused.of().goesByTransaction();
      case Included included -> included.overage().goesByTransaction();
      case Minimum minimum -> minimum.of().goesByTransaction();
      case Cap cap -> cap.of().goesByTransaction();
      case Flat flat -> false;
      case PerUnit per -> false;
      case Graduated graduated -> false;
      case Volume volume -> false;
      case Blocks blocks -> false;
      case Stairstep stairs -> false;
      case Percentage percentage -> false;
      case GraduatedPercentage percentage -> false;
      case PrepaidBlocks blocks -> false;
    };
  }

  /**
   * Blocks bought ahead: usage draws on units left from earlier blocks first, then on new blocks of
   * {@code size} units; what is left of the last block is carried over.
   */
  record PrepaidBlocks(BigDecimal size, BigDecimal price) implements PriceModel {}
}
