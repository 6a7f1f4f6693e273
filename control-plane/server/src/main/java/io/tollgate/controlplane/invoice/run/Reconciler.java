package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.run.ReconciliationStore.Billed;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Compares counters, lines and prices. It reads what was counted from the counters, and prices it
 * again from the catalog version and the step that was billed; nothing is taken from the line but
 * what the line says.
 */
final class Reconciler {
  private static final Period EVER =
      new Period(Instant.EPOCH, Instant.parse("9999-01-01T00:00:00Z"));

  private final Sources sources;

  Reconciler(Sources sources) {
    this.sources = sources;
  }

  /**
   * One tenant's reconciliation.
   *
   * @param subscriptions all of the tenant's, ended ones too
   */
  Reconciliation of(Transaction tx, String tenant, List<Subscription> subscriptions) {
    List<Billed> billed = ReconciliationStore.lines(tx, tenant);
    List<Span> spans = new ArrayList<>(List.of(new Span(tenant, EVER)));
    billed.forEach(line -> spans.add(new Span(tenant, line.period())));
    subscriptions.forEach(subscription -> spans.add(new Span(tenant, open(subscription, billed))));
    Map<Span, Map<String, Long>> units = sources.usages().units(tx, spans);
    Map<RevisionKey, Revision> steps =
        sources.steps().of(tx, billed.stream().map(Billed::step).collect(Collectors.toSet()));
    Map<Instant, Map<String, Waiting>> late = sources.usages().late(tx, tenant);
    List<Reconciliation.Line> lines = new ArrayList<>();
    for (List<Billed> together : together(billed)) {
      Revision step = Objects.requireNonNull(steps.get(together.getFirst().step()));
      lines.add(line(tx, together, step, units, late));
    }
    List<Reconciliation.Meter> meters = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(units(units, tenant, EVER).keySet());
    billed.forEach(line -> keys.add(line.meter()));
    for (String meter : keys) {
      long unbilled = late.values().stream().mapToLong(of -> units(of, meter)).sum();
      for (Subscription subscription : subscriptions) {
        if (isOpen(tx, subscription, meter)) {
          unbilled += units(units, tenant, open(subscription, billed)).getOrDefault(meter, 0L);
        }
      }
      meters.add(meter(meter, units(units, tenant, EVER).getOrDefault(meter, 0L), unbilled, lines));
    }
    List<Reconciliation.Sum> sums = ReconciliationStore.sums(tx, tenant);
    boolean reconciled =
        meters.stream().allMatch(meter -> meter.difference().signum() == 0)
            && lines.stream().allMatch(Reconciliation.Line::agrees)
            && sums.stream().allMatch(Reconciliation.Sum::agrees);
    return new Reconciliation(tenant, reconciled, meters, lines, sums);
  }

  private static Reconciliation.Meter meter(
      String meter, long metered, long unbilled, List<Reconciliation.Line> lines) {
    BigDecimal billed = BigDecimal.ZERO;
    long inBilledPeriods = 0;
    for (Reconciliation.Line line : lines) {
      if (line.meter().equals(meter)) {
        billed = billed.add(line.rated());
        inBilledPeriods += line.metered();
      }
    }
    long free = metered - inBilledPeriods - unbilled;
    return new Reconciliation.Meter(
        meter,
        metered,
        billed.add(BigDecimal.valueOf(free)),
        billed,
        free,
        unbilled,
        BigDecimal.valueOf(inBilledPeriods).subtract(billed));
  }

  /** The lines of each period's charge: one, and with a closing invoice more. */
  private static Collection<List<Billed>> together(List<Billed> billed) {
    Map<List<Object>, List<Billed>> together = new LinkedHashMap<>();
    for (Billed line : billed) {
      List<Object> of = List.of(line.subscription(), line.meter(), line.item(), line.period());
      together.computeIfAbsent(of, key -> new ArrayList<>()).add(line);
    }
    return together.values();
  }

  private static long units(Map<String, Waiting> late, String meter) {
    Waiting waiting = late.get(meter);
    return waiting == null ? 0 : waiting.units();
  }

  private Reconciliation.Line line(
      Transaction tx,
      List<Billed> together,
      Revision step,
      Map<Span, Map<String, Long>> units,
      Map<Instant, Map<String, Waiting>> late) {
    Billed line = together.getFirst();
    String tenant = step.after().tenant();
    long counted = own(line, units, tenant);
    Bills bills = sources.bills(tx, step);
    BigDecimal voided = line.voided() == null ? BigDecimal.ZERO : line.voided().quantity();
    long metered =
        counted
            - units(late.getOrDefault(line.period().end(), Map.of()), line.meter())
            - counted(bills.before(), line, voided).longValue();
    boolean inclusive = bills.before().taxes().inclusive();
    BigDecimal rated = BigDecimal.ZERO;
    BigDecimal invoiced = BigDecimal.ZERO;
    boolean comparable = true;
    for (Billed each : together) {
      rated = rated.add(counted(bills.before(), each, each.quantity()));
      invoiced = invoiced.add(inclusive ? each.net().add(each.tax()) : each.net());
      comparable &= !inclusive || each.discount().signum() == 0;
    }
    BigDecimal priced = priced(tx, bills, together, metered);
    return new Reconciliation.Line(
        line.invoice(),
        line.subscription(),
        line.meter(),
        line.period(),
        metered,
        rated,
        priced,
        comparable ? invoiced : priced,
        line.currency());
  }

  /** What was counted in a line's period, less what was booked at its very end and billed apart. */
  private static long own(Billed line, Map<Span, Map<String, Long>> units, String tenant) {
    Period end = Bills.Stretch.upTo(line.period().end());
    boolean apart = !line.period().equals(end) && units.containsKey(new Span(tenant, end));
    return units(units, tenant, line.period()).getOrDefault(line.meter(), 0L)
        - (apart ? units(units, tenant, end).getOrDefault(line.meter(), 0L) : 0L);
  }

  /** A line's units as counters count them, in the smallest part of the meter's unit. */
  private static BigDecimal counted(Catalog catalog, Billed line, BigDecimal units) {
    Meter meter = catalog.meters().get(line.meter());
    return meter == null ? units : units.movePointRight(meter.decimals());
  }

  /**
   * What a period's units come to: with its own line, and with each closing invoice what it added
   * to that, as {@link Closing} prices it. What was paid ahead is what the lines say of it.
   */
  private BigDecimal priced(Transaction tx, Bills bills, List<Billed> together, long metered) {
    if (bills.revision().before() == null) {
      return BigDecimal.ZERO;
    }
    Billed first = together.getFirst();
    Pricing pricing =
        new Pricing(bills.fees(first.period()), first, transactions(tx, bills, first));
    BigDecimal left = Loading.units(bills.before(), first.meter(), Math.max(0, metered));
    for (Billed line : together.subList(0, together.size() - 1)) {
      pricing.add(line.quantity(), PaidAhead.units(line.detail(), line.quantity()));
      left = left.subtract(line.quantity());
    }
    Billed last = together.getLast();
    pricing.add(left, PaidAhead.units(last.detail(), last.quantity()));
    return pricing.amount();
  }

  private Map<String, List<BigDecimal>> transactions(Transaction tx, Bills bills, Billed line) {
    Told told = new Told(new Span(bills.revision().after().tenant(), line.period()), line.meter());
    Map<String, List<BigDecimal>> transactions = new HashMap<>();
    sources
        .usages()
        .transactions(tx, List.of(told))
        .values()
        .forEach(
            counted ->
                transactions.put(
                    line.meter(), Loading.units(bills.before(), line.meter(), counted)));
    return transactions;
  }

  private static Map<String, Long> units(
      Map<Span, Map<String, Long>> units, String tenant, Period period) {
    return units.getOrDefault(new Span(tenant, period), Map.of());
  }

  /**
   * What a subscription will bill when its period ends, with what comes late: what a change billed
   * at once is billed.
   */
  private static Period open(Subscription subscription, List<Billed> billed) {
    Instant start = subscription.current().start();
    for (Billed line : billed) {
      if (line.subscription().equals(subscription.id()) && line.period().end().isAfter(start)) {
        start = line.period().end();
      }
    }
    return new Period(start, EVER.end());
  }

  private boolean isOpen(Transaction tx, Subscription subscription, String meter) {
    boolean billed =
        subscription.state() instanceof SubscriptionState.Active
            || subscription.state() instanceof SubscriptionState.Paused;
    if (!billed) {
      return false;
    }
    Catalog catalog = sources.catalogs().of(tx, subscription.catalog(), subscription.version());
    // A meter the plan has no charge for is rated at nothing, at the period's end like the others.
    return catalog.meters().containsKey(meter);
  }
}
