package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.rating.PricedLine.Kind;
import io.tollgate.controlplane.rating.PricedLine.Part;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.joda.money.Money;

/**
 * The lines of the usage of an ended period, and of what it falls short of a minimum. Pure.
 *
 * @param fees of the subscription under its catalog version
 */
record UsageFees(Fees fees) {
  /** See {@link Fees#prepayable}. */
  BigDecimal prepayable(Period period, String meter, BigDecimal units) {
    Share share = fees.share(period);
    BigDecimal included =
        fees.charges(period).stream()
            .filter(charge -> charge.meter().equals(meter))
            .flatMap(charge -> charge.model(fees.subscription().currency()).stream())
            .map(model -> model.goesByTransaction() ? units : included(prorated(model, share)))
            .max(BigDecimal::compareTo)
            .orElse(BigDecimal.ZERO);
    return units.subtract(included).max(BigDecimal.ZERO);
  }

  private static BigDecimal included(PriceModel model) {
    return switch (model) {
      case PriceModel.Included in -> in.units().add(included(in.overage()));
      case PriceModel.Blocks blocks -> blocks.free();
      case PriceModel.Unused unused -> included(unused.of());
      case PriceModel.VolumeDiscount discount -> included(discount.of());
      case PriceModel.Minimum minimum -> included(minimum.of());
      case PriceModel.Cap cap -> included(cap.of());
      case PriceModel.Flat flat -> BigDecimal.ZERO;
      case PriceModel.PerUnit per -> BigDecimal.ZERO;
      case PriceModel.Graduated graduated -> BigDecimal.ZERO;
      case PriceModel.Volume volume -> BigDecimal.ZERO;
      case PriceModel.Stairstep stairs -> BigDecimal.ZERO;
      case PriceModel.Percentage percentage -> BigDecimal.ZERO;
      case PriceModel.TransactionPercentage percentage -> BigDecimal.ZERO;
      case PriceModel.GraduatedPercentage percentage -> BigDecimal.ZERO;
      case PriceModel.PrepaidBlocks blocks -> BigDecimal.ZERO;
    };
  }

  /** See {@link Fees#carriedOver}. */
  Map<String, BigDecimal> carriedOver(
      Period period, Map<String, BigDecimal> units, Map<String, BigDecimal> prepaid) {
    Map<String, BigDecimal> left = new TreeMap<>();
    Share share = fees.share(period);
    for (Charge charge : fees.charges(period)) {
      String meter = charge.meter();
      BigDecimal used = units.getOrDefault(meter, BigDecimal.ZERO);
      BigDecimal paid = prepaid.getOrDefault(meter, BigDecimal.ZERO).min(used);
      charge
          .model(fees.subscription().currency())
          .map(model -> PriceModels.rate(prorated(model, share), used.subtract(paid)))
          .map(Rated::carriedOver)
          .filter(carried -> carried.signum() > 0)
          .ifPresent(carried -> left.merge(meter, carried, BigDecimal::add));
    }
    return left;
  }

  /** What a plan charges for what was used, and what that falls short of its minimum. */
  List<PricedLine> lines(Plan plan, SubscriptionItem item, Fees.Used used) {
    Period period = used.period();
    Share share = fees.share(period);
    List<PricedLine> lines = new ArrayList<>();
    for (Charge charge : plan.charges()) {
      charge
          .model(fees.subscription().currency())
          .flatMap(model -> usage(charge, prorated(model, share), item, used))
          .ifPresent(lines::add);
    }
    trueUp(plan, item, lines, used).ifPresent(lines::add);
    return lines;
  }

  /**
   * A minimum is agreed for a whole period; of a part of one, a part of it is due. What is included
   * goes by the catalog's policy.
   */
  private PriceModel prorated(PriceModel model, Share share) {
    return switch (model) {
      case PriceModel.Minimum minimum ->
          new PriceModel.Minimum(
              prorated(minimum.of(), share),
              share.of(minimum.amount(), fees.subscription().currency()).getAmount());
      case PriceModel.Cap cap -> new PriceModel.Cap(prorated(cap.of(), share), cap.amount());
      case PriceModel.VolumeDiscount discount ->
          new PriceModel.VolumeDiscount(prorated(discount.of(), share), discount.thresholds());
      case PriceModel.Included in ->
          new PriceModel.Included(allowed(in.units(), share), prorated(in.overage(), share));
      case PriceModel.Blocks blocks ->
          new PriceModel.Blocks(
              blocks.size(), blocks.price(), allowed(blocks.free(), share), blocks.rounding());
      case PriceModel other -> other;
    };
  }

  private BigDecimal allowed(BigDecimal units, Share share) {
    return switch (fees.catalog().policies().allowances()) {
      case WHOLE -> units;
      case PRORATED -> share.ofUnits(units);
    };
  }

  /** What base fee and usage fall short of the plan's minimum; before discounts and tax. */
  private Optional<PricedLine> trueUp(
      Plan plan, SubscriptionItem item, List<PricedLine> usage, Fees.Used used) {
    Period period = used.period();
    Share share = fees.share(period);
    BigDecimal minimum = plan.minimum().get(fees.subscription().currency());
    Money spent = used.baseFee();
    if (minimum == null || spent == null) {
      return Optional.empty();
    }
    Money least = share.of(minimum, fees.subscription().currency());
    for (PricedLine line : usage) {
      spent = spent.plus(line.amount());
    }
    Money missing = least.minus(spent);
    if (!missing.isPositive()) {
      return Optional.empty();
    }
    BigDecimal amount = missing.getAmount();
    return Optional.of(
        new PricedLine(
            Kind.ONE_OFF,
            fees.subscription().id(),
            item.id() + ":minimum:" + period.start(),
            Fees.MINIMUM,
            plan.title() + ", up to the minimum",
            BigDecimal.ONE,
            missing,
            period,
            plan.taxCategory(),
            List.of(
                new Part(BigDecimal.ONE, amount, amount, share.text(fees.proration().unit())))));
  }

  private Optional<PricedLine> usage(
      Charge charge, PriceModel model, SubscriptionItem item, Fees.Used used) {
    BigDecimal quantity = used.units().getOrDefault(charge.meter(), BigDecimal.ZERO);
    BigDecimal prepaid = used.prepaid().getOrDefault(charge.meter(), BigDecimal.ZERO).min(quantity);
    Rated rated =
        PriceModels.rate(
            model,
            quantity.subtract(prepaid),
            BigDecimal.ZERO,
            quantity.signum() == 0
                ? List.of()
                : used.transactions().getOrDefault(charge.meter(), List.of()));
    if (quantity.signum() == 0 && rated.amount().signum() == 0) {
      return Optional.empty();
    }
    List<Part> parts = new ArrayList<>();
    if (prepaid.signum() > 0) {
      parts.add(new Part(prepaid, BigDecimal.ZERO, BigDecimal.ZERO, PricedLine.PREPAID));
    }
    parts.addAll(rated.parts());
    return Optional.of(
        new PricedLine(
            Kind.USAGE,
            fees.subscription().id(),
            item.id(),
            charge.key(),
            charge.title(),
            quantity,
            Share.ALL.of(rated.amount(), fees.subscription().currency()),
            used.period(),
            charge.taxCategory(),
            parts));
  }
}
