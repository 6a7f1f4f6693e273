package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.invoice.run.Bills.Stretch;
import io.tollgate.controlplane.invoice.run.Discounts.Granted;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.Share;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import java.math.BigDecimal;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.joda.money.Money;

/** All that a chunk of steps needs to be priced, loaded by a few queries whatever its size. */
final class Loading {
  private final Map<String, Customer> customers;
  private final Map<Span, Map<String, Long>> units;
  private final Map<ChargedStore.Asked, Map<String, ChargedStore.Sum>> charged;
  private final Map<String, List<OneOff>> oneOffs;
  private final Map<String, Reduction.Rule> discounts;
  private final Map<String, Map<String, BigDecimal>> prepaid;
  private final Map<Bills, String> invoices;
  private final Map<String, Share> unused = new HashMap<>();
  private final List<UsageBack.Surplus> surplus = new ArrayList<>();
  private final Mode mode;
  private final IdentityHashMap<Bills, List<Stretch>> stretches = new IdentityHashMap<>();
  private final IdentityHashMap<Bills, List<Bills.Used>> used = new IdentityHashMap<>();

  /** Whether the usage is only looked at or billed for good. */
  enum Mode {
    LOOK,
    /** As {@link #LOOK}, but what waits for an invoice goes onto a draft that is kept. */
    DRAFT,
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
    this.mode = mode;
    List<Span> spans = new ArrayList<>();
    List<ChargedStore.Asked> changes = new ArrayList<>();
    for (Bills step : steps) {
      List<Stretch> due = step.stretches();
      stretches.put(step, due);
      due.forEach(stretch -> spans.add(counted(step, stretch.period())));
      if (step.changesAPeriod()) {
        changes.add(asked(step));
      }
    }
    List<Subscription> subscriptions = steps.stream().map(s -> s.revision().after()).toList();
    Collection<String> tenants =
        subscriptions.stream().map(Subscription::tenant).distinct().toList();
    // Asked together; only what is billed for good is written, and that after one another.
    Supplier<Map<String, Customer>> customersAsked =
        tx.ask(() -> sources.customers().of(tx, tenants));
    Supplier<Map<ChargedStore.Asked, Map<String, ChargedStore.Sum>>> chargedAsked =
        ChargedStore.load(tx, changes);
    Supplier<Map<String, Reduction.Rule>> discountsAsked = discounts(tx, sources, steps, mode);
    Supplier<Map<String, List<OneOff>>> oneOffsAsked =
        tx.ask(() -> oneOffs(tx, subscriptions, mode));
    if (mode == Mode.FOR_GOOD) {
      close(tx, sources.usages(), steps);
    }
    units =
        switch (mode) {
          case LOOK, DRAFT, AGAIN -> sources.usages().units(tx, spans);
          case FOR_GOOD -> sources.usages().bill(tx, spans);
        };
    IdentityHashMap<Bills, Prepaid.Ended> open = new IdentityHashMap<>();
    steps.stream()
        .filter(step -> !stretches(step).isEmpty())
        .forEach(step -> open.put(step, ended(step)));
    List<Prepaid.Ended> ended =
        steps.stream().flatMap(step -> Stream.ofNullable(open.get(step))).toList();
    prepaid =
        switch (mode) {
          case LOOK, DRAFT -> sources.prepaid().units(tx, ended);
          case FOR_GOOD -> sources.prepaid().bill(tx, ended);
          case AGAIN -> Map.of();
        };
    for (Bills step : steps) {
      List<SubscriptionItem> paidAhead = step.paidAhead();
      if (!paidAhead.isEmpty()) {
        Subscription of = step.previous();
        Map<String, BigDecimal> billed = prepaid.getOrDefault(of.id(), Map.of());
        unused.putAll(sources.prepaid().unused(tx, of, paidAhead, billed));
      }
    }
    customers = customersAsked.get();
    charged = chargedAsked.get();
    oneOffs = oneOffsAsked.get();
    discounts = discountsAsked.get();
    List<Told> told = told(steps);
    Map<Told, List<Long>> each =
        told.isEmpty() ? Map.of() : sources.usages().transactions(tx, told);
    Map<PaidAhead.Of, Map<String, BigDecimal>> before =
        mode == Mode.AGAIN ? PaidAhead.again(tx, ended) : Map.of();
    IdentityHashMap<Bills, Map<String, BigDecimal>> carried = new IdentityHashMap<>();
    open.forEach(
        (step, of) -> {
          Map<String, BigDecimal> drawn = prepaid.getOrDefault(of.subscription().id(), Map.of());
          Spending spending =
              mode == Mode.AGAIN ? Spending.again(of, before) : Spending.of(of, drawn);
          List<Bills.Used> parts = new ArrayList<>();
          for (int i = 0; i < of.parts().size(); i++) {
            Prepaid.Part part = of.parts().get(i);
            parts.add(
                new Bills.Used(part.units(), spending.paid().get(i), transactions(of, part, each)));
          }
          used.put(step, parts);
          carried.put(step, spending.left());
        });
    if (mode == Mode.FOR_GOOD) {
      for (Bills step : steps) {
        Prepaid.Ended one = open.get(step);
        if (one != null) {
          sources
              .prepaid()
              .carryOver(tx, one.subscription(), one.end(), carried.getOrDefault(step, Map.of()));
        }
      }
    }
    switch (mode) {
      case LOOK -> carryOn(steps, over -> {});
      case FOR_GOOD ->
          carryOn(
              steps, over -> sources.usages().carryOn(tx, over.span(), over.meter(), over.units()));
      case DRAFT, AGAIN -> {
        // It is carried on once the steps are billed for good, or was.
      }
    }
  }

  private Supplier<Map<String, Reduction.Rule>> discounts(
      Transaction tx, Sources sources, List<Bills> steps, Mode mode) {
    List<Revision> revisions = steps.stream().map(Bills::revision).toList();
    Function<Set<Granted>, Map<Granted, Map<String, Money>>> used =
        periods -> granted(tx, steps, periods);
    return switch (mode) {
      case LOOK, DRAFT, FOR_GOOD -> tx.ask(() -> sources.discounts().of(tx, revisions, used));
      case AGAIN -> {
        Map<String, Set<String>> took = GrantStore.took(tx, invoices.values());
        yield tx.ask(() -> sources.discounts().again(tx, revisions, used, took));
      }
    };
  }

  /** What earlier invoices of periods have used of amounts; only of periods that had some. */
  private Map<Granted, Map<String, Money>> granted(
      Transaction tx, List<Bills> steps, Set<Granted> periods) {
    List<GrantStore.Asked> asked = new ArrayList<>();
    for (Bills step : steps) {
      Granted present = Granted.of(step.revision().after());
      Granted before = Granted.of(step.previous());
      if (periods.contains(present) && step.isInsideAPeriod()) {
        asked.add(new GrantStore.Asked(step, present, invoices.get(step)));
      }
      if (periods.contains(before) && !before.equals(present)) {
        asked.add(new GrantStore.Asked(step, before, invoices.get(step)));
      }
    }
    return GrantStore.used(tx, asked);
  }

  private static Map<String, List<OneOff>> oneOffs(
      Transaction tx, List<Subscription> subscriptions, Mode mode) {
    List<String> ids = subscriptions.stream().map(Subscription::id).distinct().toList();
    return switch (mode) {
      case LOOK -> OneOffStore.waiting(tx, ids);
      case DRAFT, FOR_GOOD -> OneOffStore.lockWaiting(tx, ids);
      case AGAIN -> Map.of();
    };
  }

  private List<Stretch> stretches(Bills step) {
    return stretches.getOrDefault(step, List.of());
  }

  private Prepaid.Ended ended(Bills step) {
    List<Prepaid.Part> parts = new ArrayList<>();
    List<Map<String, Long>> sums = sums(step);
    for (int i = 0; i < sums.size(); i++) {
      Stretch stretch = stretches(step).get(i);
      Catalog catalog = stretch.fees().catalog();
      Map<String, BigDecimal> of = new HashMap<>();
      sums.get(i).forEach((meter, sum) -> of.put(meter, units(catalog, meter, Math.max(0, sum))));
      parts.add(new Prepaid.Part(catalog, stretch.period(), of));
    }
    return new Prepaid.Ended(step.previous(), parts, step.revision().at());
  }

  /** The stretches of which single transactions are priced. */
  private List<Told> told(List<Bills> steps) {
    Set<Told> told = new LinkedHashSet<>();
    for (Bills step : steps) {
      for (Stretch stretch : stretches(step)) {
        for (String meter : stretch.metersByTransaction()) {
          told.add(new Told(span(step, stretch.period()), meter));
        }
      }
    }
    return List.copyOf(told);
  }

  /** Transactions as units of the catalog's meter. */
  static List<BigDecimal> units(Catalog catalog, String meter, List<Long> counted) {
    return counted.stream().map(count -> units(catalog, meter, count)).toList();
  }

  /** Counts as units of the catalog's meter. */
  static BigDecimal units(Catalog catalog, String meter, long counted) {
    Meter known = catalog.meters().get(meter);
    return known == null ? BigDecimal.valueOf(counted) : known.units(counted);
  }

  /**
   * What was counted in each stretch of a step. What was taken back of a priced meter beyond its
   * use lowers the next one.
   */
  private List<Map<String, Long>> sums(Bills step) {
    List<Map<String, Long>> sums = new ArrayList<>();
    Map<String, Long> over = new HashMap<>();
    for (Stretch stretch : stretches(step)) {
      Map<String, Long> own =
          new HashMap<>(units.getOrDefault(counted(step, stretch.period()), Map.of()));
      over.forEach((meter, less) -> own.merge(meter, less, Long::sum));
      over.clear();
      for (String meter : stretch.meters()) {
        long sum = own.getOrDefault(meter, 0L);
        if (sum < 0) {
          over.put(meter, sum);
        }
      }
      sums.add(own);
    }
    return sums;
  }

  /** Single transactions of a part's meters, as units. */
  private static Map<String, List<BigDecimal>> transactions(
      Prepaid.Ended ended, Prepaid.Part part, Map<Told, List<Long>> each) {
    Map<String, List<BigDecimal>> transactions = new HashMap<>();
    for (String meter : part.units().keySet()) {
      Span span = new Span(ended.subscription().tenant(), part.period());
      List<Long> counted = each.getOrDefault(new Told(span, meter), List.of());
      if (!counted.isEmpty()) {
        transactions.put(meter, units(part.catalog(), meter, counted));
      }
    }
    return transactions;
  }

  /** What was taken back of a priced meter beyond its use lowers what follows, or is surplus. */
  private void carryOn(List<Bills> steps, Consumer<UsageBack.Surplus> on) {
    Set<List<Object>> done = new HashSet<>();
    for (Bills step : steps) {
      List<Map<String, Long>> sums = sums(step);
      for (int i = 0; i < sums.size(); i++) {
        Stretch stretch = stretches(step).get(i);
        Span span = span(step, stretch.period());
        for (String meter : stretch.meters()) {
          long sum = sums.get(i).getOrDefault(meter, 0L);
          if (sum < 0 && done.add(List.of(span.tenant(), meter, span.period().end()))) {
            UsageBack.Surplus over = new UsageBack.Surplus(step, span, meter, sum);
            if (step.revision().after().state().isOver() && i == sums.size() - 1) {
              surplus.add(over);
            } else {
              on.accept(over);
            }
          }
        }
      }
    }
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
    List<Bill> bills = new ArrayList<>(step.list(used(step), charged(step)));
    Subscription is = step.revision().after();
    for (OneOff charge : oneOffs.getOrDefault(is.id(), List.of())) {
      bills.add(new Bill.Once(charge.line(is.currency(), is.current())));
    }
    return bills;
  }

  /** What was taken back beyond the use of last periods, of steps billed for good or looked at. */
  List<UsageBack.Surplus> surplus() {
    return surplus;
  }

  /** What was used in each of the step's stretches. */
  List<Bills.Used> used(Bills step) {
    return used.getOrDefault(step, List.of());
  }

  /** By item, what was charged for the present period and not credited before the step. */
  Map<String, Charged> charged(Bills step) {
    boolean inclusive = step.before().taxes().inclusive();
    Map<String, Charged> answer = new HashMap<>();
    charged
        .getOrDefault(asked(step), Map.of())
        .forEach(
            (source, sum) ->
                answer.put(source, sum.charged(inclusive, unused.getOrDefault(source, Share.ALL))));
    return answer;
  }

  /** What is used at the very instant of an end at once was used before it. */
  private void close(Transaction tx, Usages usages, List<Bills> steps) {
    for (Bills step : steps) {
      List<Stretch> due = stretches(step);
      if (due.isEmpty()) {
        continue;
      }
      Stretch last = due.getLast();
      if (step.endsAtOnce()) {
        usages.close(tx, span(step, last.period()), last.meters());
      }
      if (step.revision().after().state().isOver() && step.after().policies().draftHours() > 0) {
        // Told while the draft waited, and in its sums.
        due.forEach(part -> usages.takeLate(tx, span(step, part.period()), part.meters()));
      }
    }
  }

  /** Of when units are counted for a stretch: up to and with the instant of an end at once. */
  private Span counted(Bills step, Period period) {
    boolean looks = mode == Mode.LOOK || mode == Mode.DRAFT;
    if (looks && step.endsAtOnce() && period.end().equals(step.revision().at())) {
      return span(step, new Period(period.start(), period.end().plus(1, ChronoUnit.MICROS)));
    }
    return span(step, period);
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
