package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.run.Rerating.Rerated;
import io.tollgate.controlplane.simulation.ReratingResult.OfCurrency;
import io.tollgate.controlplane.simulation.ReratingResult.OfInvoice;
import io.tollgate.controlplane.simulation.ReratingResult.OfTenant;
import io.tollgate.controlplane.simulation.ReratingResult.Unbillable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * Sums up re-rated invoices tenant by tenant, in memory that does not grow with their number. To be
 * used by one thread at a time.
 */
final class ReratingSums {
  private static final int MOST = 10;
  private static final Comparator<OfTenant> GREATEST_CHANGE =
      Comparator.<OfTenant, BigDecimal>comparing(tenant -> tenant.difference().getAmount().abs())
          .reversed()
          .thenComparing(OfTenant::tenant);

  private final Map<CurrencyUnit, Sum> sums = new TreeMap<>();
  private final Map<String, Unbillable> unbillable = new HashMap<>();
  private long invoices;
  private long tenants;

  private static final class Sum {
    private final CurrencyUnit currency;
    private final List<OfTenant> most = new ArrayList<>();
    private Money before;
    private Money after;
    private long invoices;
    private long dearer;
    private long cheaper;
    private long same;

    Sum(CurrencyUnit currency) {
      this.currency = currency;
      this.before = Money.zero(currency);
      this.after = before;
    }

    void add(OfTenant tenant) {
      before = before.plus(tenant.before());
      after = after.plus(tenant.after());
      invoices += tenant.invoices().size();
      if (tenant.difference().isZero()) {
        same++;
        return;
      }
      if (tenant.difference().isPositive()) {
        dearer++;
      } else {
        cheaper++;
      }
      most.add(tenant);
      most.sort(GREATEST_CHANGE);
      if (most.size() > MOST) {
        most.removeLast();
      }
    }

    OfCurrency result() {
      return new OfCurrency(
          currency.getCode(),
          invoices,
          before,
          after,
          after.minus(before),
          dearer,
          cheaper,
          same,
          List.copyOf(most));
    }
  }

  /** Adds all of one tenant's invoices. */
  void add(String tenant, List<Rerated> rerated) {
    Map<CurrencyUnit, List<OfInvoice>> byCurrency = new TreeMap<>();
    for (Rerated each : rerated) {
      Invoice before = each.before();
      if (each.total() == null) {
        each.problems().forEach(problem -> count(problem, before));
      } else {
        byCurrency
            .computeIfAbsent(before.currency(), currency -> new ArrayList<>())
            .add(
                new OfInvoice(
                    before.id(),
                    String.valueOf(before.number()),
                    before.issuedOn(),
                    before.totals().total(),
                    Objects.requireNonNull(each.total())));
      }
    }
    invoices += rerated.size();
    tenants++;
    byCurrency.forEach(
        (currency, own) ->
            sums.computeIfAbsent(currency, Sum::new).add(tenant(tenant, currency, own)));
  }

  private void count(String problem, Invoice invoice) {
    unbillable.merge(
        problem,
        new Unbillable(problem, 1, invoice.id()),
        (known, more) -> new Unbillable(problem, known.invoices() + 1, known.example()));
  }

  private static OfTenant tenant(String tenant, CurrencyUnit currency, List<OfInvoice> own) {
    Money before = Money.zero(currency);
    Money after = before;
    for (OfInvoice invoice : own) {
      before = before.plus(invoice.before());
      after = after.plus(invoice.after());
    }
    return new OfTenant(tenant, before, after, after.minus(before), own);
  }

  /** The sums so far. */
  ReratingResult result() {
    return new ReratingResult(
        invoices,
        tenants,
        sums.values().stream().map(Sum::result).toList(),
        unbillable.values().stream()
            .sorted(
                Comparator.comparingLong(Unbillable::invoices)
                    .reversed()
                    .thenComparing(Unbillable::problem))
            .toList());
  }

  long tenants() {
    return tenants;
  }
}
