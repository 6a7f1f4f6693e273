package io.tollgate.controlplane.rating;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.rating.PricedLine.Kind;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a change inside a period charges where nothing is prorated: what is added, at its full
 * price. More of a plan or an add-on costs what they come to now, less what the most of them came
 * to in the period; a dearer plan costs its price; what is taken away, or brought back, costs
 * nothing. Pure.
 */
record Unprorated(Fees before, Fees after, Instant at) {
  /** The line of an item that begins with the change. */
  Optional<PricedLine> line(SubscriptionItem item) {
    PricedLine whole = at(after, item, at);
    PricedLine most = most(item);
    if (whole == null) {
      return Optional.empty();
    }
    if (most == null) {
      PricedLine plan = planBefore(item);
      boolean cheaper = plan != null && !whole.amount().isGreaterThan(plan.amount());
      return cheaper ? Optional.empty() : Optional.of(whole);
    }
    return whole.amount().isGreaterThan(most.amount()) ? whole.less(most) : Optional.empty();
  }

  /** The most that was held of the same in the period before the change; null for none. */
  private @Nullable PricedLine most(SubscriptionItem item) {
    Instant start = before.subscription().current().start();
    PricedLine most = null;
    List<Instant> instants =
        Stream.concat(
                Stream.of(start),
                before.subscription().items().stream()
                    .map(SubscriptionItem::from)
                    .filter(from -> from.isAfter(start) && !from.isAfter(at)))
            .distinct()
            .toList();
    for (Instant instant : instants) {
      PricedLine then = at(before, item, instant);
      if (then != null && (most == null || then.amount().isGreaterThan(most.amount()))) {
        most = then;
      }
    }
    return most;
  }

  /** The plan that another one takes the place of; null for an add-on. */
  private @Nullable PricedLine planBefore(SubscriptionItem item) {
    return item.kind() == SubscriptionItem.Kind.PLAN
        ? before.subscription().planAt(at).map(plan -> at(before, plan, at)).orElse(null)
        : null;
  }

  /** What is held at an instant of the same plan or add-on, at its full price; null for nothing. */
  private @Nullable PricedLine at(Fees fees, SubscriptionItem like, Instant instant) {
    Period current = after.subscription().current();
    Period rest = new Period(at, current.end());
    List<PricedLine> held = new ArrayList<>();
    for (SubscriptionItem item : fees.subscription().items()) {
      boolean same = item.kind() == like.kind() && item.key().equals(like.key());
      if (same && item.isInForceAt(instant)) {
        fees.fee(item, rest, Share.ALL, Kind.PRORATION_CHARGE).ifPresent(held::add);
      }
    }
    return held.isEmpty() ? null : together(like, held);
  }

  private static PricedLine together(SubscriptionItem like, List<PricedLine> held) {
    PricedLine first = held.getFirst();
    BigDecimal quantity = BigDecimal.ZERO;
    Money amount = Money.zero(first.amount().getCurrencyUnit());
    List<PricedLine.Part> parts = new ArrayList<>();
    for (PricedLine line : held) {
      quantity = quantity.add(line.quantity());
      amount = amount.plus(line.amount());
      parts.addAll(line.parts());
    }
    return new PricedLine(
        first.kind(),
        first.subscription(),
        like.id(),
        first.key(),
        first.title(),
        quantity,
        amount,
        first.period(),
        first.taxCategory(),
        parts);
  }
}
