package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.CreditNote;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
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

  private static final Comparator<Billed> BY_PERIOD =
      Comparator.comparing((Billed line) -> line.period().start())
          .thenComparing(Billed::invoice)
          .thenComparingInt(Billed::position);

  /**
   * What was taken back of a meter beyond the use of the last period.
   *
   * @param step which ended the subscription
   * @param span its last period, or the part of it that the last plan rated
   * @param units counted, below zero
   */
  record Surplus(Bills step, Span span, String meter, long units) {}

  /**
   * What of a line goes back.
   *
   * @param amount after discounts and before tax
   * @param blocks units that go back into the wallet, as the line's blocks hold them still; below
   *     zero where they leave it with the block that is credited
   */
  private record Back(Billed of, Money amount, BigDecimal blocks) {
    CreditNote.Part part() {
      return new CreditNote.Part(of.position(), amount, null);
    }
  }

  /**
   * What goes back of which lines.
   *
   * @param left units that no line has billed
   */
  private record Shared(List<Back> backs, long left) {}

  /**
   * Credits it; what no line has billed lowers whatever follows all the same.
   *
   * @param at the notes' date
   */
  void credit(Transaction tx, Surplus over, Instant at) {
    Shared shared = shared(tx, over, ReconciliationStore.lines(tx, tenant(over)));
    CreditNote.Occasion why = new CreditNote.Occasion(REASON, at);
    Subscription of = over.step().previous();
    for (Back back : shared.backs()) {
      invoices.creditUpTo(tx, back.of().invoice(), back.part(), why);
      Instant end = back.of().period().end();
      if (back.blocks().signum() > 0) {
        sources.prepaid().carryOver(tx, of, end, Map.of(over.meter(), back.blocks()));
      } else if (back.blocks().signum() < 0) {
        BigDecimal units = back.blocks().negate();
        sources.prepaid().takeCarried(tx, of, end, over.meter(), units, at);
      }
    }
    if (shared.left() > 0) {
      sources.usages().carryOn(tx, over.span(), over.meter(), -shared.left());
    }
  }

  /**
   * The notes that {@link #credit} would make of what steps that are not taken leave over.
   *
   * @param documents what the steps would bill themselves
   */
  List<InvoiceDetails> look(Transaction tx, List<Surplus> surplus, List<InvoiceDetails> documents) {
    Map<String, InvoiceDetails> seen = new HashMap<>();
    documents.forEach(document -> seen.put(document.invoice().id(), document));
    Map<String, List<InvoiceLine>> taken = new HashMap<>();
    List<InvoiceDetails> notes = new ArrayList<>();
    for (Surplus over : surplus) {
      List<Billed> billed = new ArrayList<>(ReconciliationStore.lines(tx, tenant(over)));
      documents.forEach(document -> billed.addAll(billed(over.step(), document)));
      for (Back back : shared(tx, over, billed).backs()) {
        String id = back.of().invoice();
        InvoiceDetails of =
            seen.computeIfAbsent(id, other -> invoices.details(tx, other).orElseThrow());
        List<InvoiceLine> before = taken.computeIfAbsent(id, other -> new ArrayList<>());
        CreditNote.Occasion why = new CreditNote.Occasion(REASON, over.step().revision().at());
        invoices
            .lookUpTo(tx, of, before, back.part(), why)
            .ifPresent(
                note -> {
                  before.addAll(note.lines());
                  notes.add(note);
                });
      }
    }
    return notes;
  }

  private static String tenant(Surplus over) {
    return over.step().revision().after().tenant();
  }

  /** The lines of usage on a document that a step would make, as they would be read back. */
  private static List<Billed> billed(Bills step, InvoiceDetails document) {
    Subscription of = step.revision().after();
    boolean waits = step.after().policies().grouping() == Policies.Grouping.DAY;
    List<Billed> billed = new ArrayList<>();
    for (InvoiceLine line : document.lines()) {
      Period period = line.period();
      if (line.charge() instanceof Charge.Usage usage
          && period != null
          && of.id().equals(line.subscription())) {
        billed.add(
            new Billed(
                document.invoice().id(),
                of.id(),
                of.revision(),
                usage.item(),
                usage.meter(),
                period,
                line.quantity(),
                line.amount().getAmount(),
                discount(document, line),
                line.tax().getAmount(),
                document.invoice().currency(),
                line.position(),
                line.detail(),
                !waits,
                null));
      }
    }
    return billed;
  }

  private static BigDecimal discount(InvoiceDetails document, InvoiceLine of) {
    return document.lines().stream()
        .filter(line -> Integer.valueOf(of.position()).equals(line.of()))
        .map(line -> line.amount().getAmount())
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** Shares the units among the lines that billed them, the last one first. */
  private Shared shared(Transaction tx, Surplus over, List<Billed> lines) {
    Subscription of = over.step().revision().after();
    RevisionKey own = over.step().revision().key();
    List<Billed> billed =
        lines.stream()
            .sorted(BY_PERIOD.reversed())
            .filter(
                line -> line.subscription().equals(of.id()) && line.meter().equals(over.meter()))
            // A closing invoice has taken those of the period itself back.
            .filter(line -> line.isFinal() && !line.period().equals(over.span().period()))
            .toList();
    Set<RevisionKey> keys = billed.stream().map(Billed::step).collect(Collectors.toSet());
    Map<RevisionKey, Revision> steps = sources.steps().of(tx, keys);
    List<Back> backs = new ArrayList<>();
    long left = -over.units();
    for (Billed line : billed) {
      Bills bills =
          line.step().equals(own)
              ? over.step()
              : sources.bills(tx, Objects.requireNonNull(steps.get(line.step())));
      long less = Math.min(left, counted(bills.before(), line));
      if (less > 0) {
        left -= less;
        backs.add(back(tx, bills, line, Loading.units(bills.before(), over.meter(), less)));
      }
    }
    return new Shared(backs, left);
  }

  /** The line's units as counters count them, in the smallest part of the meter's unit. */
  private static long counted(Catalog catalog, Billed line) {
    Meter meter = catalog.meters().get(line.meter());
    int decimals = meter == null ? 0 : meter.decimals();
    return line.quantity().movePointRight(decimals).longValue();
  }

  /**
   * What of a line goes back for so many units less. Of blocks bought ahead those units count as
   * used that later usage has drawn: the others go back, as money by the block and else as units.
   */
  private Back back(Transaction tx, Bills bills, Billed line, BigDecimal less) {
    long alike =
        bills.fees(line.period()).charges(line.period()).stream()
            .filter(charge -> charge.meter().equals(line.meter()))
            .count();
    if (alike != 1 || hasMinimum(bills, line)) {
      return new Back(line, share(bills, line, line.quantity(), less), BigDecimal.ZERO);
    }
    BigDecimal left = carried(bills, line, line.quantity());
    BigDecimal there =
        left.signum() == 0
            ? left
            : sources
                .prepaid()
                .carried(tx, bills.previous(), line.period().end(), line.meter())
                .min(left);
    BigDecimal used = line.quantity().add(left.subtract(there));
    BigDecimal kept = carried(bills, line, used.subtract(less));
    return new Back(line, share(bills, line, used, less), kept.subtract(there));
  }

  /** What a line's blocks have left where so much is used. */
  private static BigDecimal carried(Bills bills, Billed line, BigDecimal quantity) {
    return bills
        .fees(line.period())
        .carriedOver(
            line.period(),
            Map.of(line.meter(), quantity),
            Map.of(line.meter(), prepaid(line, quantity)))
        .getOrDefault(line.meter(), BigDecimal.ZERO);
  }

  /**
   * What of the line's amount, after discounts and before tax, so many units less would be less.
   */
  private static Money share(Bills bills, Billed line, BigDecimal used, BigDecimal less) {
    Money charged = Money.of(line.currency(), line.net().add(line.discount()));
    BigDecimal full = priced(bills, line, used);
    BigDecimal lowered = priced(bills, line, used.subtract(less));
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

  /** What was paid ahead of a line, where so much is used. */
  private static BigDecimal prepaid(Billed line, BigDecimal quantity) {
    return PaidAhead.units(line.detail(), line.quantity()).min(quantity);
  }

  private static BigDecimal priced(Bills bills, Billed line, BigDecimal quantity) {
    Fees.Used used =
        new Fees.Used(
            line.period(),
            Map.of(line.meter(), quantity),
            Map.of(line.meter(), prepaid(line, quantity)),
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
