package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Issue;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Composes closing invoices: usage of a subscription's last period that was told after that was
 * billed. The whole period is priced again, each part of it by the plan that was in force, and what
 * it came to without is taken off, so that the same usage costs the same whether it is told in time
 * or late, in one go or in many. What was used before a change that was billed at once goes by the
 * last plan, as it does where the period runs on.
 */
record Closing(Sources sources, Drafting drafting) {
  /** The last period, or the part of it that one plan rated, and what was told of it since. */
  private record Part(Bills end, Bills.Stretch of, Map<String, Waiting> late) {
    Span span() {
      return new Span(end.previous().tenant(), of.period());
    }
  }

  /** The part as it was billed, and with what was told since; by meter, in its units. */
  private record Sides(
      Map<String, BigDecimal> before, Map<String, BigDecimal> after, Set<String> late) {}

  /**
   * The document of what waits; null where nothing does, or it costs nothing.
   *
   * @param end the step that ended the subscription
   * @param due when the agenda had it done, which names the document's claim
   * @param surplus takes up what was taken back beyond the period's use
   */
  @Nullable Draft draft(
      Transaction tx, Bills end, Instant due, Instant now, List<UsageBack.Surplus> surplus) {
    Subscription of = end.previous();
    List<Part> parts = end.stretches().stream().map(stretch -> part(tx, end, stretch)).toList();
    if (parts.stream().allMatch(part -> part.late().isEmpty())) {
      return null;
    }
    List<Bill.Closing> bills = new ArrayList<>();
    Map<String, BigDecimal> blocks = new TreeMap<>();
    for (Part part : parts) {
      bills.add(bill(tx, part, sides(tx, part, surplus), due, blocks));
    }
    sources.prepaid().carryOver(tx, of, due, blocks);
    Customer customer =
        Objects.requireNonNull(sources.customers().of(tx, List.of(of.tenant())).get(of.tenant()));
    Issue issue =
        new Issue(drafting.ids().next("inv"), customer, end.after(), due, now)
            .taxedBy(sources.catalogs().newestTaxes(tx, of.catalog()));
    Draft draft =
        drafting.draft(
            new Drafting.Head(of.tenant(), of.currency(), of.catalog(), due),
            issue,
            List.copyOf(bills),
            bills.stream().map(bill -> Drafting.claim(end.revision().after(), bill)).toList(),
            new ClosingDiscounts(sources, end, bills).rule(tx, due));
    if (draft != null) {
      parts.forEach(
          part ->
              sources
                  .usages()
                  .billedLate(
                      tx,
                      part.span(),
                      name(of.id(), due, part.of().period().start()),
                      part.late()));
      sources.discounts().took(tx, Drafting.taken(end, draft));
    }
    return draft;
  }

  /**
   * What names a part of a closing: by it, what it took of late usage and of wallets is known.
   *
   * @param start the part's
   */
  static String name(String subscription, Instant due, Instant start) {
    return name(subscription, Bill.CLOSING + due, start);
  }

  /** As its bill's claim has it. */
  static String name(String subscription, String claim, Instant start) {
    return subscription + ":" + claim + ":" + start;
  }

  private Part part(Transaction tx, Bills end, Bills.Stretch stretch) {
    Span span = new Span(end.previous().tenant(), stretch.period());
    return new Part(end, stretch, sources.usages().takeLate(tx, span, stretch.meters()));
  }

  private Sides sides(Transaction tx, Part part, List<UsageBack.Surplus> surplus) {
    Catalog catalog = part.of().fees().catalog();
    Span span = part.span();
    Map<String, Waiting> late = part.late();
    Map<String, Long> sums = sources.usages().units(tx, List.of(span)).getOrDefault(span, Map.of());
    Map<String, BigDecimal> before = new HashMap<>();
    Map<String, BigDecimal> after = new HashMap<>();
    Set<String> meters = new TreeSet<>(sums.keySet());
    meters.addAll(late.keySet());
    for (String meter : meters) {
      long whole = sums.getOrDefault(meter, 0L);
      Waiting told = late.get(meter);
      long billed = told == null ? whole : whole - told.units();
      before.put(meter, Loading.units(catalog, meter, Math.max(0, billed)));
      after.put(meter, Loading.units(catalog, meter, Math.max(0, whole)));
      long over = Math.min(0, whole) - Math.min(0, billed);
      if (over < 0) {
        surplus.add(new UsageBack.Surplus(part.end(), span, meter, over));
      }
    }
    return new Sides(before, after, late.keySet());
  }

  /**
   * One part's bill.
   *
   * @param blocks what earlier parts have left of blocks they bought, by meter: it pays for this
   *     part's units as far as wallets do not, and takes up what this one leaves
   */
  private Bill.Closing bill(
      Transaction tx, Part part, Sides sides, Instant due, Map<String, BigDecimal> blocks) {
    Bills end = part.end();
    Bills.Stretch last = part.of();
    Fees fees = last.fees();
    Period period = last.period();
    Map<String, BigDecimal> paid = PaidAhead.of(tx, end.previous().id(), period);
    // Of blocks bought ahead, what the period left went into the wallet: it is used as well.
    Map<String, BigDecimal> carried = fees.carriedOver(period, sides.before(), paid);
    Map<String, BigDecimal> before = sum(sides.before(), carried);
    Map<String, BigDecimal> after = sum(sides.after(), carried);
    Map<String, BigDecimal> paidSince =
        sum(paid, paidNow(tx, end.previous(), last, sides, due, blocks));
    fees.carriedOver(period, after, paidSince)
        .forEach((meter, left) -> blocks.merge(meter, left, BigDecimal::add));
    Money baseFee = new BaseFees(end).counted(last);
    Map<String, List<BigDecimal>> each = transactions(tx, end.previous(), last);
    Map<String, List<BigDecimal>> first = new HashMap<>(each);
    first.replaceAll(
        (meter, all) -> {
          Waiting told = part.late().get(meter);
          int since = told == null ? 0 : Math.toIntExact(told.transactions());
          return all.subList(0, Math.max(0, all.size() - since));
        });
    return new Bill.Closing(
        new Bill.Arrears(fees, period, before, paid, first, baseFee),
        new Bill.Arrears(fees, period, after, paidSince, each, baseFee),
        due);
  }

  /** What wallets pay now, for good, and then blocks: of what is priced more than before. */
  private Map<String, BigDecimal> paidNow(
      Transaction tx,
      Subscription of,
      Bills.Stretch last,
      Sides sides,
      Instant due,
      Map<String, BigDecimal> blocks) {
    Map<String, BigDecimal> more = new HashMap<>();
    for (String meter : sides.late()) {
      BigDecimal before = Objects.requireNonNull(sides.before().get(meter));
      BigDecimal after = Objects.requireNonNull(sides.after().get(meter));
      if (after.compareTo(before) > 0) {
        // As many units of a period as have as many to be paid for as were added.
        more.put(meter, after.subtract(last.fees().prepayable(last.period(), meter, before)));
      }
    }
    Prepaid.Part part = new Prepaid.Part(last.fees().catalog(), last.period(), more);
    Prepaid.Ended late = new Prepaid.Ended(of, List.of(part), due);
    Map<String, BigDecimal> paid = new HashMap<>(sources.prepaid().billLate(tx, late));
    for (String meter : more.keySet()) {
      BigDecimal drawn = paid.getOrDefault(meter, BigDecimal.ZERO);
      BigDecimal open = late.prepayable(meter).getFirst().subtract(drawn);
      BigDecimal taken = blocks.getOrDefault(meter, BigDecimal.ZERO).min(open);
      if (taken.signum() > 0) {
        blocks.merge(meter, taken.negate(), BigDecimal::add);
        paid.put(meter, drawn.add(taken));
      }
    }
    return paid;
  }

  private Map<String, List<BigDecimal>> transactions(
      Transaction tx, Subscription of, Bills.Stretch last) {
    Map<String, List<BigDecimal>> each = new HashMap<>();
    List<Told> told = new ArrayList<>();
    for (String meter : last.metersByTransaction()) {
      told.add(new Told(new Span(of.tenant(), last.period()), meter));
    }
    if (!told.isEmpty()) {
      sources
          .usages()
          .transactions(tx, told)
          .forEach(
              (one, counted) ->
                  each.put(
                      one.meter(), Loading.units(last.fees().catalog(), one.meter(), counted)));
    }
    return each;
  }

  private static Map<String, BigDecimal> sum(
      Map<String, BigDecimal> one, Map<String, BigDecimal> other) {
    Map<String, BigDecimal> sum = new HashMap<>(one);
    other.forEach((meter, units) -> sum.merge(meter, units, BigDecimal::add));
    return sum;
  }
}
