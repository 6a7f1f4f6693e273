package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All that a chunk of steps needs to be priced, loaded by a few queries whatever its size. */
final class Loading {
  private final Map<String, Customer> customers;
  private final Map<Span, Map<String, Long>> units;
  private final Map<ChargedStore.Asked, Map<String, ChargedStore.Sum>> charged;
  private final Map<String, List<OneOff>> oneOffs;
  private final Map<String, Reduction.Rule> discounts;
  private final Map<String, Map<String, BigDecimal>> prepaid;
  private final Map<Bills, String> invoices;

  /** Whether the usage is only looked at or billed for good. */
  enum Mode {
    LOOK,
    FOR_GOOD,
    /** The steps were billed before: nothing that waits for an invoice goes onto theirs. */
    AGAIN
  }

  Loading(Transaction tx, Sources sources, List<Bills> steps, Mode mode) {
    this(tx, sources, steps, mode, Map.of());
  }

  /**
   * What steps that were billed before need to be priced again.
   *
   * @param invoices by step, the one that billed it
   */
  static Loading again(
      Transaction tx, Sources sources, List<Bills> steps, Map<Bills, String> invoices) {
    return new Loading(tx, sources, steps, Mode.AGAIN, invoices);
  }

  private Loading(
      Transaction tx, Sources sources, List<Bills> steps, Mode mode, Map<Bills, String> invoices) {
    this.invoices = invoices;
    List<Span> spans = new ArrayList<>();
    List<ChargedStore.Asked> changes = new ArrayList<>();
    for (Bills step : steps) {
      step.ended().ifPresent(period -> spans.add(span(step, period)));
      if (step.changesAPeriod()) {
        changes.add(asked(step));
      }
    }
    List<Subscription> subscriptions = steps.stream().map(s -> s.revision().after()).toList();
    customers =
        sources
            .customers()
            .of(tx, subscriptions.stream().map(Subscription::tenant).distinct().toList());
    units =
        switch (mode) {
          case LOOK, AGAIN -> sources.usages().units(tx, spans);
          case FOR_GOOD -> sources.usages().bill(tx, spans);
        };
    charged = ChargedStore.load(tx, changes);
    oneOffs =
        mode == Mode.AGAIN
            ? Map.of()
            : OneOffStore.waiting(
                tx, subscriptions.stream().map(Subscription::id).distinct().toList());
    discounts =
        sources
            .discounts()
            .of(
                tx,
                steps.stream().map(Bills::revision).toList(),
                GrantStore.used(
                    tx,
                    steps.stream()
                        .filter(Bills::isInsideAPeriod)
                        .map(step -> new GrantStore.Asked(step, invoices.get(step)))
                        .toList()));
    List<Prepaid.Ended> ended = steps.stream().flatMap(step -> ended(step).stream()).toList();
    prepaid =
        switch (mode) {
          case LOOK -> sources.prepaid().units(tx, ended);
          case FOR_GOOD -> sources.prepaid().bill(tx, ended);
          case AGAIN -> PaidAhead.of(tx, invoices.values());
        };
    if (mode == Mode.FOR_GOOD) {
      carryOver(tx, sources.prepaid(), ended);
      carryOn(tx, sources.usages(), steps);
    }
  }

  private Optional<Prepaid.Ended> ended(Bills step) {
    return step.ended()
        .map(
            period ->
                new Prepaid.Ended(
                    step.previous(), step.before(), period, units(step), step.revision().at()));
  }

  private void carryOver(Transaction tx, Prepaid into, List<Prepaid.Ended> ended) {
    for (Prepaid.Ended one : ended) {
      Fees fees = new Fees(one.catalog(), one.subscription());
      Map<String, BigDecimal> paid = prepaid.getOrDefault(one.subscription().id(), Map.of());
      into.carryOver(tx, one, fees.carriedOver(one.period(), one.units(), paid));
    }
  }

  /** What was taken back of a priced meter beyond its use lowers the periods that follow. */
  private void carryOn(Transaction tx, Usages usages, List<Bills> steps) {
    Set<List<Object>> done = new HashSet<>();
    for (Bills step : steps) {
      Period period = step.ended().orElse(null);
      if (period == null) {
        continue;
      }
      Span span = span(step, period);
      Map<String, Long> sums = units.getOrDefault(span, Map.of());
      for (String meter : step.meters(period)) {
        long sum = sums.getOrDefault(meter, 0L);
        if (sum < 0 && done.add(List.of(span.tenant(), meter, period.end()))) {
          usages.carryOn(tx, span, meter, sum);
        }
      }
    }
  }

  /** The step with the catalog versions on both sides of it. */
  static Bills bills(Transaction tx, Sources sources, Revision revision) {
    Subscription is = revision.after();
    Subscription was = revision.before();
    Catalog after = sources.catalogs().of(tx, is.catalog(), is.version());
    Catalog before =
        was == null || was.version() == is.version()
            ? after
            : sources.catalogs().of(tx, is.catalog(), was.version());
    return new Bills(revision, before, after);
  }

  Customer customer(String tenant) {
    Customer customer = customers.get(tenant);
    if (customer == null) {
      throw new IllegalStateException("there is no tenant " + tenant);
    }
    return customer;
  }

  /** What is taken off the lines of the steps' subscriptions. */
  Reduction.Rule discounts() {
    return DiscountRules.joined(discounts);
  }

  /** The step's bills: its own, then the charges that waited for an invoice. */
  List<Bill> bills(Bills step) {
    List<Bill> bills = new ArrayList<>(step.list(units(step), prepaid(step), charged(step)));
    Subscription is = step.revision().after();
    for (OneOff charge : oneOffs.getOrDefault(is.id(), List.of())) {
      bills.add(new Bill.Once(charge.line(is.currency(), is.current())));
    }
    return bills;
  }

  /** Units of the ended period that were paid ahead. */
  Map<String, BigDecimal> prepaid(Bills step) {
    return prepaid.getOrDefault(step.revision().after().id(), Map.of());
  }

  /** Units of the ended period; what was taken back beyond them is carried on. */
  Map<String, BigDecimal> units(Bills step) {
    Map<String, BigDecimal> answer = new HashMap<>();
    step.ended()
        .map(period -> units.getOrDefault(span(step, period), Map.of()))
        .orElse(Map.of())
        .forEach((meter, sum) -> answer.put(meter, BigDecimal.valueOf(Math.max(0, sum))));
    return answer;
  }

  /** By item, what was charged for the present period and not credited before the step. */
  Map<String, Charged> charged(Bills step) {
    boolean inclusive = step.before().taxes().inclusive();
    Map<String, Charged> answer = new HashMap<>();
    charged
        .getOrDefault(asked(step), Map.of())
        .forEach((source, sum) -> answer.put(source, sum.charged(inclusive)));
    return answer;
  }

  private static Span span(Bills step, Period period) {
    return new Span(step.revision().after().tenant(), period);
  }

  private ChargedStore.Asked asked(Bills step) {
    return new ChargedStore.Asked(
        step.revision().after().id(),
        step.revision().at(),
        step.previous().current().start(),
        invoices.get(step));
  }
}
