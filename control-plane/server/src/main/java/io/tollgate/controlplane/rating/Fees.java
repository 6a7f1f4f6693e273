package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Billed;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.rating.PricedLine.Kind;
import io.tollgate.controlplane.rating.PricedLine.Part;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a subscription under its catalog version: fees in advance or in arrears, usage in
 * arrears, one-off charges. Pure; the same functions serve invoices, previews, estimates and
 * simulation.
 *
 * @param catalog the subscription's catalog version
 * @param subscription as it stands at the revision that is billed
 */
public record Fees(Catalog catalog, Subscription subscription) {
  /** The key of the line that raises a period to its plan's minimum. */
  public static final String MINIMUM = "minimum-commitment";

  /**
   * The fees of a period in advance: the plan and the recurring add-ons in force at its start that
   * are billed so. A period shorter than the rule's, as a calendar-aligned start makes it, is
   * prorated; so is one whose end is known to come earlier and gives back the rest.
   */
  public List<PricedLine> inAdvance(Period period) {
    List<PricedLine> lines = new ArrayList<>();
    for (SubscriptionItem item : itemsAt(period.start())) {
      if (!isInArrears(item)) {
        Instant end = isChargedShort(item) ? subscription.chargedUntil() : period.end();
        Share share = share(period.start(), end, period);
        fee(item, new Period(period.start(), end), share, kind(item)).ifPresent(lines::add);
      }
    }
    return lines;
  }

  /** Whether an item's fee goes up to a known end. Units paid ahead come whole, as their fee. */
  private boolean isChargedShort(SubscriptionItem item) {
    return subscription.chargedTo() != null
        && (item.kind() == SubscriptionItem.Kind.PLAN
            || catalog.addOn(item.key()).filter(AddOn::paysAhead).isEmpty());
  }

  /**
   * An item billed in advance for as long as the present period's charge does not reach, because
   * the end up to which it went was put off; that is billed in arrears. Empty for most.
   */
  public Optional<SubscriptionItem> beyondCharge(SubscriptionItem item) {
    Instant from = subscription.chargedUntil();
    return isChargedShort(item) && (item.until() == null || item.until().isAfter(from))
        ? Optional.of(item.from().isBefore(from) ? item.beginningAt(from) : item)
        : Optional.empty();
  }

  /** Up to when an item's fee is charged in advance in the present period. */
  Instant chargedUntil(SubscriptionItem item) {
    return isChargedShort(item) ? subscription.chargedUntil() : subscription.current().end();
  }

  /**
   * The fee in arrears of an item, for the part of an ended period in which it was held; without
   * proration the whole fee of what was held at its end.
   */
  public Optional<PricedLine> inArrears(SubscriptionItem item, Period ended) {
    if (!item.overlaps(ended)) {
      return Optional.empty();
    }
    boolean toTheEnd = item.until() == null || !item.until().isBefore(ended.end());
    if (catalog.policies().proration() == Policies.Proration.NONE && !toTheEnd) {
      return Optional.empty();
    }
    Instant start = item.from().isAfter(ended.start()) ? item.from() : ended.start();
    Instant end = toTheEnd || item.until() == null ? ended.end() : item.until();
    Share share = share(start, end, ended);
    return share.part() == 0
        ? Optional.empty()
        : fee(item, new Period(start, standing(end)), share, kind(item));
  }

  /** Where a pause that lasts ended what was held, if it was before the instant. */
  Instant standing(Instant end) {
    return subscription.state() instanceof SubscriptionState.Paused paused
            && paused.since().isBefore(end)
        ? paused.since()
        : end;
  }

  /**
   * How much of its full period a part of a period is: what was held of it, without its pauses, of
   * the period by rule. Whatever is charged in advance or in arrears, allowed or given back for a
   * part of a period goes by this or by {@link #left}.
   *
   * @param of the period, or the part of it that has run, in which the part lies
   */
  Share share(Instant from, Instant to, Period of) {
    return proration()
        .share(subscription.unpaused(from), subscription.unpaused(to), subscription.whole(of));
  }

  Share share(Period part) {
    return share(part.start(), part.end(), part);
  }

  /** As {@link #share}, up to where an item's fee is charged to, wherever pauses move that. */
  Share charged(SubscriptionItem item, Instant from) {
    Period whole = subscription.whole(subscription.current());
    Instant chargedTo = isChargedShort(item) ? subscription.chargedTo() : null;
    return proration()
        .share(
            subscription.unpaused(from), Objects.requireNonNullElse(chargedTo, whole.end()), whole);
  }

  /**
   * How much is left, at an instant, of what was charged for an item up to a period's end. A pause
   * moves the present period's end, so that what is left is counted to where it is now. Nothing
   * where the catalog prorates nothing.
   *
   * @param charged what it was charged for, as it was to end then
   */
  public Share left(SubscriptionItem item, Instant at, Period charged) {
    if (proration().rule() == Policies.Proration.NONE) {
      return Share.NOTHING;
    }
    if (charged.start().isBefore(subscription.current().start())) {
      return at.isBefore(charged.end())
          ? proration().of(new Period(at, charged.end()), charged)
          : Share.NOTHING;
    }
    long left = charged(item, at).part();
    long all = charged(item, charged.start()).part();
    return left == 0 ? Share.NOTHING : new Share(Math.min(left, all), all);
  }

  /** Whether the catalog bills an item's fee when the period is over. */
  public boolean isInArrears(SubscriptionItem item) {
    Billed billed =
        switch (item.kind()) {
          case PLAN -> catalog.plan(item.key()).map(Plan::billed).orElse(Billed.IN_ADVANCE);
          case ADD_ON -> catalog.addOn(item.key()).map(AddOn::billed).orElse(Billed.IN_ADVANCE);
        };
    return billed == Billed.IN_ARREARS;
  }

  private static Kind kind(SubscriptionItem item) {
    return item.kind() == SubscriptionItem.Kind.PLAN ? Kind.BASE_FEE : Kind.ADD_ON;
  }

  /** The plan's setup fee, if it has one in the subscription's currency. */
  public Optional<PricedLine> setup(Period first) {
    return new OnceFees(this).setup(first);
  }

  /** A one-off add-on, bought at the period's start or inside it. */
  public PricedLine oneOff(String key, int quantity, String purchase, Period period) {
    return new OnceFees(this).oneOff(key, quantity, purchase, period);
  }

  /**
   * The usage of an ended period by the plan that was in force at its end. A charge without usage
   * makes a line only where it costs something: a minimum commitment or a flat amount.
   */
  public List<PricedLine> inArrears(Used used) {
    Period period = used.period();
    return subscription
        .planAt(period.end().minusNanos(1))
        .flatMap(
            item ->
                catalog.plan(item.key()).map(plan -> new UsageFees(this).lines(plan, item, used)))
        .orElse(List.of());
  }

  /**
   * How many units of a meter a wallet may pay for: those above what the plan includes. All of them
   * where no charge prices the meter, none where one prices its single transactions.
   */
  public BigDecimal prepayable(Period period, String meter, BigDecimal units) {
    return new UsageFees(this).prepayable(period, meter, units);
  }

  /** Units left of blocks bought ahead for a period's usage, by meter; none where empty. */
  public Map<String, BigDecimal> carriedOver(
      Period period, Map<String, BigDecimal> units, Map<String, BigDecimal> prepaid) {
    return new UsageFees(this).carriedOver(period, units, prepaid);
  }

  /** What prices the usage of a period: the charges of the plan in force at its end. */
  public List<Charge> charges(Period period) {
    return subscription
        .planAt(period.end().minusNanos(1))
        .flatMap(item -> catalog.plan(item.key()))
        .map(Plan::charges)
        .orElse(List.of());
  }

  /**
   * What was used in an ended period.
   *
   * @param units per meter
   * @param prepaid per meter, how many of them a wallet has paid for: they are shown, and cost
   *     nothing
   * @param transactions per meter that keeps them, each one's units in their order
   * @param baseFee what of base fees counts towards the plan's minimum; null where none is due
   */
  public record Used(
      Period period,
      Map<String, BigDecimal> units,
      Map<String, BigDecimal> prepaid,
      Map<String, List<BigDecimal>> transactions,
      @Nullable Money baseFee) {}

  /** What the plan in force at a period's end comes to at least in a whole one; empty for none. */
  public Optional<BigDecimal> minimum(Period period) {
    return subscription
        .planAt(period.end().minusNanos(1))
        .flatMap(item -> catalog.plan(item.key()))
        .flatMap(plan -> Optional.ofNullable(plan.minimum().get(subscription.currency())));
  }

  /** The fee of the plan in force at a period's end, for that period. */
  public Money baseFee(Period period) {
    return amount(
        subscription
            .planAt(period.end().minusNanos(1))
            .flatMap(item -> fee(item, period, share(period), Kind.BASE_FEE)));
  }

  /**
   * What an item costs in advance from its begin in the present period on, less what is given back
   * where it ends at an instant: all of it from the period's end on, and where nothing is prorated.
   *
   * @param until at or after its begin in the period
   */
  public Money kept(SubscriptionItem item, Instant until) {
    Period current = subscription.current();
    Instant from = item.from().isAfter(current.start()) ? item.from() : current.start();
    Period charged = new Period(from, current.end());
    Money fee = amount(fee(item, charged, charged(item, from), kind(item)));
    // In a pause that lasts, what is left is counted from its begin, also at the period's end.
    return until.isBefore(current.end()) ? fee.minus(left(item, until, charged).of(fee)) : fee;
  }

  private Money amount(Optional<PricedLine> line) {
    return line.map(PricedLine::amount).orElse(Money.zero(subscription.currency()));
  }

  /** The fee of an item for a share of a period; empty where it costs nothing by its kind. */
  Optional<PricedLine> fee(SubscriptionItem item, Period period, Share share, Kind kind) {
    BigDecimal count = BigDecimal.valueOf(item.quantity());
    Optional<Rated> whole = whole(item, period.start());
    if (whole.isEmpty() || share.part() == 0) {
      return Optional.empty();
    }
    String text = share.text(proration().unit());
    return Optional.of(
        new PricedLine(
            kind,
            subscription.id(),
            item.id(),
            item.key(),
            title(item),
            count,
            share.of(whole.get().amount(), subscription.currency()),
            period,
            taxCategory(item),
            whole.get().parts().stream().map(part -> saying(part, text)).toList()));
  }

  private static Part saying(Part part, String share) {
    String text =
        part.text().isEmpty() || share.isEmpty() ? part.text() + share : part.text() + ", " + share;
    return new Part(part.quantity(), part.unitPrice(), part.amount(), text);
  }

  /**
   * What an item costs for a whole period: what was agreed, else the catalog's price.
   *
   * @param from where what is billed begins; the begin of its period decides on promotions
   */
  private Optional<Rated> whole(SubscriptionItem item, Instant from) {
    BigDecimal count = BigDecimal.valueOf(item.quantity());
    Period current = subscription.current();
    Instant begin = current.contains(from) ? current.start() : from;
    return item.agreed() != null
        ? Optional.of(perUnit(item.agreed(), count))
        : price(item, begin).flatMap(price -> rated(price, count));
  }

  /** What so many units cost for a whole period, exactly; empty where it is agreed with each. */
  public static Optional<BigDecimal> exact(Price price, BigDecimal units) {
    return rated(price, units).map(Rated::amount);
  }

  private static Optional<Rated> rated(Price price, BigDecimal units) {
    if (price.model() != null) {
      return Optional.of(PriceModels.rate(price.model(), units));
    }
    return price.amount() == null ? Optional.empty() : Optional.of(perUnit(price.amount(), units));
  }

  private static Rated perUnit(BigDecimal unitPrice, BigDecimal units) {
    return Rated.of(List.of(new Part(units, unitPrice, unitPrice.multiply(units), "")));
  }

  private Optional<Price> price(SubscriptionItem item, Instant from) {
    CurrencyUnit currency = subscription.currency();
    return switch (item.kind()) {
      case PLAN ->
          catalog
              .plan(item.key())
              .flatMap(
                  plan ->
                      plan.price(
                          currency,
                          subscription.cycle(),
                          LocalDate.ofInstant(from, subscription.zone())));
      case ADD_ON ->
          catalog.addOn(item.key()).flatMap(addOn -> addOn.price(currency, subscription.cycle()));
    };
  }

  Proration proration() {
    return Proration.of(catalog.policies().proration(), subscription.cycle(), subscription.zone());
  }

  String title(SubscriptionItem item) {
    return switch (item.kind()) {
      case PLAN -> catalog.plan(item.key()).map(Plan::title).orElse(item.key());
      case ADD_ON -> catalog.addOn(item.key()).map(AddOn::title).orElse(item.key());
    };
  }

  String taxCategory(SubscriptionItem item) {
    return switch (item.kind()) {
      case PLAN -> catalog.plan(item.key()).map(Plan::taxCategory).orElse("standard");
      case ADD_ON -> catalog.addOn(item.key()).map(AddOn::taxCategory).orElse("standard");
    };
  }

  private List<SubscriptionItem> itemsAt(Instant instant) {
    List<SubscriptionItem> items = new ArrayList<>();
    subscription.planAt(instant).ifPresent(items::add);
    items.addAll(subscription.addOnsAt(instant));
    return items;
  }
}
