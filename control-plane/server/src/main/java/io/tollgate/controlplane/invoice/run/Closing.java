package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Issue;
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
import java.util.Optional;
import java.util.TreeMap;
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

  /**
   * The parts before one.
   *
   * @param blocks what they have left of blocks they bought, by meter
   */
  private record Before(Map<String, BigDecimal> blocks, List<Bill.Closing> bills) {}

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
      bills.add(bill(tx, part(tx, part, surplus), due, new Before(blocks, bills)));
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

  /** When a closing was made that its name tells; empty for one of another subscription. */
  static Optional<Instant> at(String name, String subscription) {
    String begin = subscription + ":" + Bill.CLOSING;
    return name.startsWith(begin)
        ? Optional.of(Instant.parse(name.substring(begin.length(), name.indexOf("Z:") + 1)))
        : Optional.empty();
  }

  private Part part(Transaction tx, Bills end, Bills.Stretch stretch) {
    Span span = new Span(end.previous().tenant(), stretch.period());
    return new Part(end, stretch, sources.usages().takeLate(tx, span, stretch.meters()));
  }

  private LatePart part(Transaction tx, Part part, List<UsageBack.Surplus> surplus) {
    Span span = part.span();
    Map<String, Long> sums = sources.usages().units(tx, List.of(span)).getOrDefault(span, Map.of());
    part.late()
        .forEach(
            (meter, told) -> {
              long whole = sums.getOrDefault(meter, 0L);
              long over = Math.min(0, whole) - Math.min(0, whole - told.units());
              if (over < 0) {
                surplus.add(new UsageBack.Surplus(part.end(), span, meter, over));
              }
            });
    return LatePart.of(
        part.end(),
        part.of(),
        new LatePart.Counted(
            sums, transactions(tx, sources.usages(), span, part.of()), part.late()),
        PaidAhead.of(tx, part.end().previous().id(), part.of().period()));
  }

  /**
   * One part's bill.
   *
   * @param earlier whose blocks pay for this part's units as far as wallets do not, and take up
   *     what this one leaves
   */
  private Bill.Closing bill(Transaction tx, LatePart part, Instant due, Before earlier) {
    Map<String, BigDecimal> blocks = earlier.blocks();
    Map<String, BigDecimal> paid = paidNow(tx, part, due, blocks);
    part.left(paid).forEach((meter, left) -> blocks.merge(meter, left, BigDecimal::add));
    return part.bill(paid, due, earlier.bills());
  }

  /** What wallets pay now, for good, and then blocks: of what is priced more than before. */
  private Map<String, BigDecimal> paidNow(
      Transaction tx, LatePart part, Instant due, Map<String, BigDecimal> blocks) {
    Prepaid.Ended late = part.prepayable(due);
    Map<String, BigDecimal> paid = new HashMap<>(sources.prepaid().billLate(tx, late));
    for (String meter : late.parts().getFirst().units().keySet()) {
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

  /** The single transactions of a part, by the meters of which its plan prices them. */
  static Map<String, List<Long>> transactions(
      Transaction tx, Usages usages, Span span, Bills.Stretch of) {
    List<Told> told =
        of.metersByTransaction().stream().map(meter -> new Told(span, meter)).toList();
    Map<String, List<Long>> each = new HashMap<>();
    if (!told.isEmpty()) {
      usages.transactions(tx, told).forEach((one, counted) -> each.put(one.meter(), counted));
    }
    return each;
  }
}
