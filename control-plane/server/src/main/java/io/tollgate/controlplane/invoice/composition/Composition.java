package io.tollgate.controlplane.invoice.composition;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Party;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.rating.Split;
import io.tollgate.controlplane.tax.TaxLine;
import io.tollgate.controlplane.tax.TaxProvider;
import io.tollgate.controlplane.tax.TaxedLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Composes invoices: bills become priced lines, discounts are taken off, taxes are put on what is
 * left, and the lines are summed. A pure function as long as the tax provider is one; runs,
 * previews, estimates and simulation all call it. Thread-safe.
 *
 * <p>Each line is rounded once before and its taxes once after, by themselves or as shares of the
 * document's; the totals are sums of rounded lines and are never rounded themselves. Where prices
 * contain tax, lines show the net: document 002's 9,999.00 becomes 8,473.73 and 1,525.27 of tax.
 */
public final class Composition {
  private final TaxProvider taxes;

  /** A composition whose taxes this provider says. */
  public Composition(TaxProvider taxes) {
    this.taxes = taxes;
  }

  /**
   * A line on its way to the invoice.
   *
   * @param meter what it sums; null for all but usage
   */
  record Priced(PricedLine line, @Nullable String meter, PlanText text) {}

  /** A bill that makes lines, with them. */
  private record Billed(Bill bill, List<PricedLine> lines) {}

  /**
   * The invoice of some bills, as a draft; a credit note where they come to less than nothing. Null
   * where nothing is billed.
   *
   * @param bills of one currency and one catalog
   * @throws IllegalArgumentException if currencies are mixed or a reduction exceeds its line
   */
  public @Nullable InvoiceDetails compose(Issue issue, List<Bill> bills, Reduction.Rule discounts) {
    List<Priced> priced = new ArrayList<>();
    List<Billed> billed = new ArrayList<>();
    for (Bill bill : bills) {
      List<PricedLine> own = bill.lines();
      if (!own.isEmpty()) {
        billed.add(new Billed(bill, own));
      }
      for (PricedLine line : own) {
        PlanText text = PlanText.of(bill, line, issue.customer().locale());
        priced.add(new Priced(line, meter(bill, line), text));
      }
    }
    if (priced.isEmpty()) {
      return null;
    }
    takeApart(issue, priced);
    List<PricedLine> charges = priced.stream().map(Priced::line).toList();
    List<Reduction> reductions = discounts.on(charges);
    List<TaxedLine> taxed = tax(issue, charges, reductions);
    List<InvoiceLine> lines = new ArrayList<>();
    for (int i = 0; i < priced.size(); i++) {
      addLines(lines, priced.get(i), taxed.get(i), of(reductions, i));
    }
    InvoiceDetails.Print print = print(issue, taxed);
    Set<Integer> open = new HashSet<>();
    lines.forEach(line -> addOpen(open, issue, line, print));
    return document(issue, period(billed), roundedOnce(issue, lines, open), print);
  }

  /**
   * One document of several that were composed: the lines of each in turn, as they are; where the
   * taxes of a document are rounded once, with those of this one.
   *
   * @param parts at least one, of one currency; the first says for which period it is
   */
  public static InvoiceDetails join(Issue issue, List<InvoiceDetails> parts) {
    List<InvoiceLine> lines = new ArrayList<>();
    Set<String> codes = new LinkedHashSet<>();
    Set<String> notes = new LinkedHashSet<>();
    Set<Integer> open = new HashSet<>();
    for (InvoiceDetails part : parts) {
      int behind = lines.size();
      for (InvoiceLine line : part.lines()) {
        InvoiceLine moved = line.movedBy(behind);
        lines.add(moved);
        addOpen(open, issue, moved, part.print());
      }
      codes.addAll(List.of(part.print().serviceCode().split(", ")));
      notes.addAll(part.print().notes());
    }
    codes.remove("");
    return document(
        issue,
        parts.getFirst().invoice().period(),
        roundedOnce(issue, lines, open),
        new InvoiceDetails.Print(
            issue.customer().locale(),
            issue.customer().zone(),
            String.join(", ", codes),
            List.copyOf(notes),
            issue.taxes().inclusive()));
  }

  /**
   * A line's taxes may be rounded with those of others, unless its buyer was spared them, which the
   * print's notes say, or its price was in other terms of tax than this document's.
   */
  private static void addOpen(
      Set<Integer> open, Issue issue, InvoiceLine line, InvoiceDetails.Print print) {
    if (print.notes().isEmpty() && print.inclusive() == issue.taxes().inclusive()) {
      open.add(line.position());
    }
  }

  private static List<InvoiceLine> roundedOnce(
      Issue issue, List<InvoiceLine> lines, Set<Integer> open) {
    return issue.taxes().areRoundedOnce()
        ? TaxRounding.once(lines, open, issue.taxes().inclusive())
        : lines;
  }

  private static @Nullable String meter(Bill bill, PricedLine line) {
    if (line.kind() != PricedLine.Kind.USAGE) {
      return null;
    }
    return switch (bill) {
      case Bill.Arrears arrears -> arrears.meterOf(line.key());
      case Bill.Closing closing -> closing.after().meterOf(line.key());
      case Bill.Advance advance -> null;
      case Bill.Afterwards afterwards -> null;
      case Bill.Change change -> null;
      case Bill.Once once -> null;
    };
  }

  /**
   * A charge does not take up a credit that was taxed otherwise than it will be itself: each then
   * stands on a line of its own, so that the credit goes back at the rate that was charged. So it
   * is where prices contain a tax that the buyer is spared: the credit is not in their terms.
   */
  private void takeApart(Issue issue, List<Priced> priced) {
    List<PricedLine.Difference> differences =
        priced.stream()
            .flatMap(one -> Stream.ofNullable(one.line().difference()))
            .filter(difference -> difference.credit().split() != null)
            .toList();
    if (differences.isEmpty()) {
      return;
    }
    List<TaxedLine> today =
        taxes.tax(
            issue.catalog().seller(),
            issue.customer().tax(),
            issue.taxes(),
            differences.stream()
                .map(PricedLine.Difference::charge)
                .map(line -> new TaxProvider.Taxable(line.taxCategory(), line.amount()))
                .toList());
    TaxedAlike alike = new TaxedAlike(issue.taxes());
    for (int i = 0; i < differences.size(); i++) {
      PricedLine.Difference difference = differences.get(i);
      boolean asPriced =
          !issue.taxes().inclusive() || today.get(i).gross().isEqual(difference.charge().amount());
      if (!asPriced || !alike.are(difference.credit().split(), today.get(i))) {
        int place =
            priced.stream().map(one -> one.line().difference()).toList().indexOf(difference);
        priced.set(place, alone(difference.credit()));
        priced.add(place + 1, alone(difference.charge()));
      }
    }
  }

  private static Priced alone(PricedLine line) {
    return new Priced(line, null, PlanText.of(line));
  }

  private List<TaxedLine> tax(Issue issue, List<PricedLine> lines, List<Reduction> reductions) {
    List<TaxProvider.Taxable> taxables = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Money left = lines.get(i).amount().minus(sum(lines.get(i), of(reductions, i)));
      if (left.plus(lines.get(i).netted()).isNegative()
          && lines.get(i).amount().isPositiveOrZero()) {
        throw new IllegalArgumentException("discounts exceed the line " + lines.get(i));
      }
      taxables.add(new TaxProvider.Taxable(lines.get(i).taxCategory(), left));
    }
    List<TaxedLine> taxed =
        taxes.tax(issue.catalog().seller(), issue.customer().tax(), issue.taxes(), taxables);
    List<TaxedLine> answer = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Split split = lines.get(i).split();
      answer.add(split == null ? taxed.get(i) : asCharged(split, taxed.get(i)));
    }
    return answer;
  }

  /** A credit takes back the taxes that were charged; only their codes and notes are today's. */
  private static TaxedLine asCharged(Split split, TaxedLine today) {
    List<TaxLine> taxes = new ArrayList<>();
    for (Split.Tax tax : split.taxes()) {
      String note =
          today.taxes().stream()
              .filter(now -> now.name().equals(tax.name()) && tax.amount().isZero())
              .map(TaxLine::note)
              .findFirst()
              .orElse("");
      taxes.add(new TaxLine(tax.name(), tax.percent(), split.net(), tax.amount(), note));
    }
    return new TaxedLine(split.net(), split.gross(), today.code(), taxes);
  }

  private static List<Reduction> of(List<Reduction> reductions, int line) {
    return reductions.stream().filter(reduction -> reduction.line() == line).toList();
  }

  private static Money sum(PricedLine line, List<Reduction> reductions) {
    Money sum = Money.zero(line.amount().getCurrencyUnit());
    for (Reduction reduction : reductions) {
      sum = sum.plus(reduction.amount());
    }
    return sum;
  }

  /** The charge's line and its discounts' lines; together they come to the taxed net exactly. */
  private static void addLines(
      List<InvoiceLine> lines, Priced priced, TaxedLine taxed, List<Reduction> reductions) {
    Money left = priced.line().amount().minus(sum(priced.line(), reductions));
    List<Money> nets = new ArrayList<>();
    Money discounted = Money.zero(left.getCurrencyUnit());
    for (Reduction reduction : reductions) {
      Money net = Net.of(reduction.amount(), left, taxed.net());
      nets.add(net);
      discounted = discounted.plus(net);
    }
    int position = lines.size() + 1;
    lines.add(LineText.charge(position, priced, taxed.net().plus(discounted), taxed));
    for (int i = 0; i < reductions.size(); i++) {
      lines.add(
          LineText.discount(
              lines.size() + 1, position, reductions.get(i), priced.line(), nets.get(i).negated()));
    }
  }

  private static InvoiceDetails document(
      Issue issue, Period period, List<InvoiceLine> lines, InvoiceDetails.Print print) {
    CurrencyUnit currency = lines.get(0).amount().getCurrencyUnit();
    Money subtotal = Money.zero(currency);
    Money tax = Money.zero(currency);
    for (InvoiceLine line : lines) {
      subtotal = subtotal.plus(line.amount());
      tax = tax.plus(line.tax());
    }
    Money total = subtotal.plus(tax);
    Set<String> subscriptions = new LinkedHashSet<>();
    lines.stream()
        .map(InvoiceLine::subscription)
        .filter(subscription -> subscription != null)
        .forEach(subscriptions::add);
    Invoice invoice =
        new Invoice(
            issue.id(),
            issue.customer().tenant(),
            total.isNegative() ? DocumentKind.CREDIT_NOTE : DocumentKind.INVOICE,
            InvoiceStatus.DRAFT,
            null,
            List.copyOf(subscriptions),
            period,
            issue.at(),
            issue.issuedOn(),
            issue.dueAt(),
            issue.dueOn(),
            new Invoice.Totals(subtotal, tax, total),
            Invoice.Settled.nothing(currency),
            null);
    return new InvoiceDetails(
        invoice, lines, party(issue.catalog().seller()), issue.customer().billedTo(), print);
  }

  /**
   * What the invoice is said to be for: the period in advance, else the whole time of what is in
   * arrears; with a change, or of what happens once alone, what its first line is for.
   */
  private static Period period(List<Billed> billed) {
    List<Period> ended = new ArrayList<>();
    boolean changes = false;
    for (Billed one : billed) {
      switch (one.bill()) {
        case Bill.Advance advance -> {
          return advance.period();
        }
        case Bill.Change change -> changes = true;
        case Bill.Once once -> {
          // It stands on whatever invoice is next.
        }
        case Bill.Afterwards fees -> one.lines().forEach(line -> ended.add(line.period()));
        case Bill.Arrears usage -> one.lines().forEach(line -> ended.add(line.period()));
        case Bill.Closing closing -> one.lines().forEach(line -> ended.add(line.period()));
      }
    }
    return changes || ended.isEmpty()
        ? billed.getFirst().lines().getFirst().period()
        : new Period(
            ended.stream().map(Period::start).min(Instant::compareTo).orElseThrow(),
            ended.stream().map(Period::end).max(Instant::compareTo).orElseThrow());
  }

  private static InvoiceDetails.Print print(Issue issue, List<TaxedLine> taxed) {
    Set<String> codes = new LinkedHashSet<>();
    Set<String> notes = new LinkedHashSet<>();
    for (TaxedLine line : taxed) {
      codes.add(line.code());
      line.taxes().forEach(tax -> notes.add(tax.note()));
    }
    codes.remove("");
    notes.remove("");
    return new InvoiceDetails.Print(
        issue.customer().locale(),
        issue.customer().zone(),
        String.join(", ", codes),
        List.copyOf(notes),
        issue.taxes().inclusive());
  }

  private static Party party(Seller seller) {
    return new Party(
        seller.name(),
        seller.address(),
        seller.identifiers().entrySet().stream()
            .map(entry -> new Party.Identifier(entry.getKey(), entry.getValue()))
            .toList());
  }
}
