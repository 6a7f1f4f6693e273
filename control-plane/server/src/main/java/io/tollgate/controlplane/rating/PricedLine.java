package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One priced line, before discounts and tax. Rounded once, HALF_UP, to the currency's minor unit.
 *
 * @param kind what it is for
 * @param subscription the subscription's id; empty for what belongs to none
 * @param item the subscription item's id; for usage the plan's, on a closing invoice with its
 *     instant
 * @param key key of the plan, add-on or charge
 * @param title for people
 * @param quantity units priced
 * @param amount the line's amount; negative for a credit
 * @param period what it is for; in arrears for usage, in advance else
 * @param taxCategory key of the tax category
 * @param parts how the amount came about, exact and unrounded; their sum rounds to {@code amount}
 * @param difference of what two lines {@code amount} is the difference; null for most
 * @param split for a credit, how it is split into net and taxes, as what it gives back was; null
 *     for what is taxed when it is billed
 */
public record PricedLine(
    Kind kind,
    String subscription,
    String item,
    String key,
    String title,
    BigDecimal quantity,
    Money amount,
    Period period,
    String taxCategory,
    List<Part> parts,
    @Nullable Difference difference,
    @Nullable Split split) {
  /** The text of the step of units that were paid ahead. */
  public static final String PREPAID = "prepaid";

  /** What a line is for. */
  public enum Kind {
    /** A plan's fee for a period, in advance. */
    BASE_FEE,
    /** A recurring add-on's fee for a period, in advance. */
    ADD_ON,
    /** An add-on charged once. */
    ONE_OFF,
    /** A plan's setup fee. */
    SETUP_FEE,
    /** Usage of an ended period, in arrears. */
    USAGE,
    /** What is given back of a fee already charged, when its item ends inside the period. */
    PRORATION_CREDIT,
    /** The fee of an item for the rest of a period that has begun. */
    PRORATION_CHARGE
  }

  public PricedLine {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(amount, "amount");
    Objects.requireNonNull(period, "period");
    parts = List.copyOf(parts);
  }

  /** A line with no credit in it. */
  public PricedLine(
      Kind kind,
      String subscription,
      String item,
      String key,
      String title,
      BigDecimal quantity,
      Money amount,
      Period period,
      String taxCategory,
      List<Part> parts) {
    this(
        kind,
        subscription,
        item,
        key,
        title,
        quantity,
        amount,
        period,
        taxCategory,
        parts,
        null,
        null);
  }

  /** The same, split so. */
  PricedLine with(@Nullable Split as) {
    return copy(item, as);
  }

  /**
   * The same with what was billed of it taken off; empty where that leaves nothing.
   *
   * @param billed null for nothing
   */
  public Optional<PricedLine> less(@Nullable PricedLine billed) {
    if (billed == null) {
      return Optional.of(this);
    }
    BigDecimal more = quantity.subtract(billed.quantity);
    Money rest = amount.minus(billed.amount);
    if (more.signum() == 0 && rest.isZero()) {
      return Optional.empty();
    }
    List<Part> steps = new ArrayList<>();
    BigDecimal paid = prepaid().subtract(billed.prepaid());
    if (paid.signum() > 0) {
      steps.add(new Part(paid, BigDecimal.ZERO, BigDecimal.ZERO, PREPAID));
    }
    steps.add(whole("in all " + quantity.toPlainString(), amount.getAmount()));
    steps.add(
        whole(
            "billed before " + billed.quantity.toPlainString(),
            billed.amount.getAmount().negate()));
    return Optional.of(with(more, rest, steps));
  }

  /** What was billed and is not to be paid any more. */
  public PricedLine takenBack() {
    return with(
        kind == Kind.USAGE ? quantity.negate() : quantity,
        amount.negated(),
        List.of(whole("billed before " + quantity.toPlainString(), amount.getAmount().negate())));
  }

  /** The same, of another item. */
  public PricedLine of(String another) {
    return copy(another, split);
  }

  private PricedLine copy(String of, @Nullable Split as) {
    return new PricedLine(
        kind,
        subscription,
        of,
        key,
        title,
        quantity,
        amount,
        period,
        taxCategory,
        parts,
        difference,
        as);
  }

  private static Part whole(String text, BigDecimal amount) {
    return new Part(BigDecimal.ONE, amount, amount, text);
  }

  /** How many of its units were paid ahead. */
  private BigDecimal prepaid() {
    return parts.stream()
        .filter(part -> part.text().equals(PREPAID))
        .map(Part::quantity)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private PricedLine with(BigDecimal units, Money rest, List<Part> steps) {
    return new PricedLine(
        kind, subscription, item, key, title, units, rest, period, taxCategory, steps);
  }

  /** A credit and the charge that takes it up, each as it would be on a line of its own. */
  public record Difference(PricedLine credit, PricedLine charge) {}

  /**
   * The credit, over zero, that {@link #amount} is already less by; zero for most. With it added,
   * the line says what was charged for its item.
   */
  public Money netted() {
    return difference == null
        ? Money.zero(amount.getCurrencyUnit())
        : difference.credit().amount().negated();
  }

  /**
   * One step of the calculation.
   *
   * @param quantity units
   * @param unitPrice per unit, exact
   * @param amount exact; usually quantity times unit price
   * @param text what the step is, such as {@code 1,001 to 10,000}
   */
  public record Part(BigDecimal quantity, BigDecimal unitPrice, BigDecimal amount, String text) {}
}
