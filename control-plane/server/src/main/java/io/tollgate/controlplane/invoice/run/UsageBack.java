package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.run.ReconciliationStore.Billed;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.joda.money.Money;

/**
 * Credits units that were taken back beyond the use of a subscription's last period: no period
 * follows that they could lower. They go back to the lines that billed them, the last one first,
 * each by what its period would have cost with so much less.
 */
record UsageBack(Sources sources, Invoices invoices) {
  /** What is printed on the notes. */
  static final String REASON = "usage taken back";

  /**
   * What was taken back of a meter beyond the use of the last period.
   *
   * @param step which ended the subscription
   * @param span its last period, or the part of it that the last plan rated
   * @param units counted, below zero
   */
  record Surplus(Bills step, Span span, String meter, long units) {}

  /**
   * Credits it; what no line has billed lowers whatever follows all the same.
   *
   * @param at the notes' date
   */
  void credit(Transaction tx, Surplus over, Instant at) {
    Subscription of = over.step().revision().after();
    List<Billed> billed =
        ReconciliationStore.lines(tx, of.tenant()).reversed().stream()
            .filter(
                line -> line.subscription().equals(of.id()) && line.meter().equals(over.meter()))
            // A closing invoice has taken those of the period itself back.
            .filter(line -> line.isFinal() && !line.period().equals(over.span().period()))
            .toList();
    Set<RevisionKey> keys = billed.stream().map(Billed::step).collect(Collectors.toSet());
    Map<RevisionKey, Revision> steps = sources.steps().of(tx, keys);
    long left = -over.units();
    for (Billed line : billed) {
      Revision step = Objects.requireNonNull(steps.get(line.step()));
      Bills bills = sources.bills(tx, step);
      long less = Math.min(left, counted(bills.before(), line));
      if (less > 0) {
        left -= less;
        Money back = share(bills, line, Loading.units(bills.before(), over.meter(), less));
        invoices.creditUpTo(tx, line.invoice(), line.position(), back, REASON, at);
      }
    }
    if (left > 0) {
      sources.usages().carryOn(tx, over.span(), over.meter(), -left);
    }
  }

  /** The line's units as counters count them, in the smallest part of the meter's unit. */
  private static long counted(Catalog catalog, Billed line) {
    Meter meter = catalog.meters().get(line.meter());
    int decimals = meter == null ? 0 : meter.decimals();
    return line.quantity().movePointRight(decimals).longValue();
  }

  /**
   * What of the line's amount, after discounts and before tax, so many units less would be less.
   */
  private static Money share(Bills bills, Billed line, BigDecimal less) {
    Money charged = Money.of(line.currency(), line.net().add(line.discount()));
    BigDecimal full = priced(bills, line, line.quantity());
    BigDecimal lowered = priced(bills, line, line.quantity().subtract(less));
    BigDecimal back = full.subtract(lowered);
    if (full.signum() <= 0 || back.signum() <= 0 || hasMinimum(bills, line)) {
      return Money.zero(line.currency());
    }
    return Money.of(
        line.currency(),
        charged
            .getAmount()
            .multiply(back)
            .divide(full, line.currency().getDecimalPlaces(), RoundingMode.HALF_UP));
  }

  private static BigDecimal priced(Bills bills, Billed line, BigDecimal quantity) {
    BigDecimal prepaid = PaidAhead.units(line.detail(), line.quantity()).min(quantity);
    Fees.Used used =
        new Fees.Used(
            line.period(),
            Map.of(line.meter(), quantity),
            Map.of(line.meter(), prepaid),
            Map.of(),
            null);
    return bills.fees(line.period()).inArrears(used).stream()
        .filter(priced -> priced.key().equals(line.item()))
        .map(PricedLine::amount)
        .map(Money::getAmount)
        .findFirst()
        .orElse(BigDecimal.ZERO);
  }

  /** Less usage would have been raised to the plan's minimum: what was agreed stays. */
  private static boolean hasMinimum(Bills bills, Billed line) {
    return bills.fees(line.period()).minimum(line.period()).isPresent();
  }
}
