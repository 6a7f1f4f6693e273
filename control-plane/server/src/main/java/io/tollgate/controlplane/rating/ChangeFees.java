package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Policies.ChangeKind;
import io.tollgate.controlplane.catalog.Policies.Prorated;
import io.tollgate.controlplane.rating.PricedLine.Kind;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a change inside a period: for each item that ends, a credit from what was charged
 * for it; for each that begins, its fee for what is left. Pure.
 *
 * @param before the subscription and its catalog before the change
 * @param after the same after it; another catalog where the change migrates
 * @param at when it takes effect
 */
public record ChangeFees(Fees before, Fees after, Instant at) {
  /**
   * What was charged for an item for a period, less what was credited already.
   *
   * @param amount at least 0, after discounts, in the same terms of tax as the catalog's prices
   * @param period what it was charged for
   * @param split how the amount was split into net and taxes; null where that is not known, so that
   *     a credit of it is taxed as a charge would be today
   * @param unused how much of the units that it paid ahead nobody has used: no more is credited;
   *     all where it paid for none
   * @param whole the amount before credit notes by hand took any of it back: at least {@code
   *     amount}
   */
  public record Charged(
      Money amount, Period period, @Nullable Split split, Share unused, Money whole) {
    /** What was charged, of which the taxes are not known. */
    public Charged(Money amount, Period period) {
      this(amount, period, null, Share.ALL, amount);
    }

    /** The amounts as they would be at other prices, the taxes not known. */
    public Charged scaled(UnaryOperator<Money> by) {
      return new Charged(by.apply(amount), period, null, unused, by.apply(whole));
    }

    /** Of what is left, the part that is a share of the whole: all of it where that is more. */
    Share left(Share share) {
      if (whole.isEqual(amount)) {
        return share;
      }
      Money back = share.of(whole);
      return back.isLessThan(amount) ? Share.of(back.getAmount(), amount.getAmount()) : Share.ALL;
    }
  }

  /**
   * The change's lines, credits first. One-off add-ons it brings are not among them: they are
   * billed as what they are, once.
   *
   * @param charged by item id, what was charged in advance and not yet credited; null where nothing
   *     was. The credit is a share of it as charged and never exceeds it, whatever prices are
   *     today.
   */
  public List<PricedLine> lines(Function<String, @Nullable Charged> charged) {
    List<PricedLine> credits = credits(charged);
    List<PricedLine> charges = charges();
    if (!after.catalog().policies().netted()) {
      credits.addAll(charges);
      return credits;
    }
    return netted(credits, charges);
  }

  /** The credits alone, as for a cancellation that refunds. */
  public List<PricedLine> credits(Function<String, @Nullable Charged> charged) {
    List<PricedLine> lines = new ArrayList<>();
    for (SubscriptionItem item : before.subscription().items()) {
      if (!isGivenBack(item)) {
        continue;
      }
      for (SubscriptionItem source : before.subscription().chargedWith(item)) {
        Charged paid = charged.apply(source.id());
        if (paid != null) {
          credit(source, paid).ifPresent(lines::add);
        }
      }
    }
    return lines;
  }

  /** Whether each of its kinds waits for the next invoice; a migration by itself is of none. */
  public boolean waits() {
    Set<ChangeKind> kinds = ChangeKinds.of(before, after, at);
    Policies policies = after.catalog().policies();
    return !kinds.isEmpty()
        && kinds.stream().allMatch(kind -> policies.prorated(kind) == Prorated.NEXT_INVOICE);
  }

  /** Whether anything begins or ends with it that is charged or given back before the renewal. */
  public boolean prorates() {
    return before.subscription().items().stream().anyMatch(this::isGivenBack) || !begun().isEmpty();
  }

  /** Whether an item ends with it of which the rest is given back. */
  public boolean isGivenBack(SubscriptionItem item) {
    return item.isInForceAt(at) && !goesOn(item) && !new Unbilled(before, after, at).isKept(item);
  }

  private boolean isAnew() {
    Period current = after.subscription().current();
    return current.start().equals(at) && !current.equals(before.subscription().current());
  }

  /** What begins with the change, and is to be charged with it. */
  private List<SubscriptionItem> begun() {
    Unbilled unbilled = new Unbilled(before, after, at);
    Set<String> known =
        before.subscription().items().stream()
            .map(SubscriptionItem::id)
            .collect(Collectors.toSet());
    return after.subscription().items().stream()
        .filter(item -> !known.contains(item.id()) && item.isInForceAt(at))
        .filter(item -> isAnew() || !unbilled.isFree(item))
        .toList();
  }

  private List<PricedLine> charges() {
    Period current = after.subscription().current();
    boolean anew = isAnew();
    List<PricedLine> lines = new ArrayList<>();
    for (SubscriptionItem item : begun()) {
      if (after.isInArrears(item)) {
        continue;
      }
      if (!anew && after.proration().rule() == Policies.Proration.NONE) {
        new Unprorated(before, after, at).line(item).ifPresent(lines::add);
        continue;
      }
      Instant end = after.chargedUntil(item);
      if (at.isBefore(end)) {
        Kind kind = anew ? fullKind(item) : Kind.PRORATION_CHARGE;
        Share share = after.share(at, end, current);
        after.fee(item, new Period(at, end), share, kind).ifPresent(lines::add);
      }
    }
    return lines;
  }

  /** What stood still since a pause began was not used, wherever the pause's end would lie. */
  private Optional<PricedLine> credit(SubscriptionItem item, Charged charged) {
    Share days = before.left(item, at, charged.period());
    boolean usedUp = charged.unused().isLessThan(days);
    Share rest = usedUp ? charged.unused() : days;
    String unit = usedUp ? "units" : before.proration().unit();
    Share part = charged.left(rest);
    Money amount = part.of(charged.amount());
    Instant from = before.standing(at);
    Instant end = end(item, charged.period());
    if (amount.isZero() || !from.isBefore(end)) {
      return Optional.empty();
    }
    Period left = within(charged.period(), new Period(from, end));
    BigDecimal back = amount.getAmount().negate();
    return Optional.of(
        new PricedLine(
                Kind.PRORATION_CREDIT,
                before.subscription().id(),
                item.id(),
                item.key(),
                before.title(item),
                BigDecimal.valueOf(item.quantity()),
                amount.negated(),
                left,
                before.taxCategory(item),
                List.of(new PricedLine.Part(BigDecimal.ONE, back, back, rest.inFull(unit))))
            .with(charged.split() == null ? null : charged.split().givenBack(part, inclusive())));
  }

  /** What pauses have moved beyond all that was charged for goes by the period that was. */
  private static Period within(Period charged, Period left) {
    return left.start().isBefore(charged.end()) ? left : charged;
  }

  private boolean inclusive() {
    return before.catalog().taxes().inclusive();
  }

  /** Up to when a charge holds: a pause moves the present period's end. */
  private Instant end(SubscriptionItem item, Period charged) {
    return charged.start().isBefore(before.subscription().current().start())
        ? charged.end()
        : before.chargedUntil(item);
  }

  /**
   * Each charge takes up the credit of what it takes the place of, the plan's of the plan and an
   * add-on's of the same add-on, where both are of one tax category: one line with the difference.
   * What was taxed at another rate than the charge will be is taken apart again when the rates are
   * known.
   */
  private List<PricedLine> netted(List<PricedLine> credits, List<PricedLine> charges) {
    List<PricedLine> open = new ArrayList<>(credits);
    List<PricedLine> lines = new ArrayList<>();
    for (PricedLine charge : charges) {
      Optional<PricedLine> match =
          open.stream()
              .filter(credit -> credit.taxCategory().equals(charge.taxCategory()))
              .filter(credit -> replaces(item(after, charge), item(before, credit)))
              .findFirst();
      match.ifPresent(open::remove);
      lines.add(match.map(credit -> difference(credit, charge)).orElse(charge));
    }
    lines.addAll(open);
    return lines;
  }

  private static boolean replaces(SubscriptionItem item, SubscriptionItem other) {
    return item.kind() == other.kind()
        && (item.kind() == SubscriptionItem.Kind.PLAN || item.key().equals(other.key()));
  }

  private static SubscriptionItem item(Fees fees, PricedLine of) {
    return fees.subscription().items().stream()
        .filter(item -> item.id().equals(of.item()))
        .findFirst()
        .orElseThrow();
  }

  private static PricedLine difference(PricedLine credit, PricedLine charge) {
    Money amount = charge.amount().plus(credit.amount());
    List<PricedLine.Part> parts = new ArrayList<>(credit.parts());
    parts.addAll(charge.parts());
    return new PricedLine(
        amount.isNegative() ? Kind.PRORATION_CREDIT : charge.kind(),
        charge.subscription(),
        charge.item(),
        charge.key(),
        charge.title(),
        charge.quantity(),
        amount,
        charge.period(),
        charge.taxCategory(),
        parts,
        new PricedLine.Difference(credit, charge),
        null);
  }

  private boolean goesOn(SubscriptionItem item) {
    return !after.subscription().state().isOver()
        && after.subscription().items().stream()
            .anyMatch(other -> other.id().equals(item.id()) && other.isInForceAt(at));
  }

  private static Kind fullKind(SubscriptionItem item) {
    return item.kind() == SubscriptionItem.Kind.PLAN ? Kind.BASE_FEE : Kind.ADD_ON;
  }
}
