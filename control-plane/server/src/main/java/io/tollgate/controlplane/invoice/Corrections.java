package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.wallet.Wallets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** What is wrong on a final invoice is taken back by credit notes, or all of it by a void. */
final class Corrections {
  private final Ids ids;
  private final InvoiceStore store;
  private final SettlementStore entries;
  private final Settlements settlements;
  private final Prepaid prepaid;

  Corrections(
      Ids ids,
      InvoiceStore store,
      SettlementStore entries,
      Settlements settlements,
      Prepaid prepaid) {
    this.ids = ids;
    this.store = store;
    this.entries = entries;
    this.settlements = settlements;
    this.prepaid = prepaid;
  }

  /** Makes a composed note final. */
  @FunctionalInterface
  interface Issuing {
    Invoice issue(Transaction tx, Draft note);
  }

  /** An invoice that is to be credited, and what of it can be. */
  private record Credited(InvoiceDetails details, CreditNote notes) {
    Invoice invoice() {
      return details.invoice();
    }
  }

  /** A note on an invoice as a whole, as {@link Invoices#credit} says. */
  Invoice credit(
      Transaction tx, String id, Money amount, CreditNote.Occasion why, Issuing issuing) {
    Credited credited = toCredit(tx, id);
    Money left = left(tx, credited.invoice());
    if (amount.isGreaterThan(left)) {
      throw new IllegalArgumentException(
          "amount: over zero and at most " + left + ", not " + amount);
    }
    List<InvoiceLine> lines = credited.notes().lines(amount, why.reason());
    return credit(tx, credited.details(), lines, why, issuing);
  }

  /** A note on some lines, as {@link Invoices#creditLines} says. */
  Invoice creditLines(
      Transaction tx,
      String id,
      List<CreditNote.Part> parts,
      CreditNote.Occasion why,
      Issuing issuing) {
    Credited credited = toCredit(tx, id);
    Invoice invoice = credited.invoice();
    CreditNote notes = credited.notes();
    List<InvoiceLine> lines = notes.lines(parts, why.reason());
    Map<String, Money> changed = entries.changedBySource(tx, invoice);
    Money all = Money.zero(invoice.currency());
    for (int i = 0; i < parts.size(); i++) {
      int line = parts.get(i).line();
      Money amount = notes.grossOf(line, lines).negated();
      String source = notes.sourceOf(line);
      Money given = source == null ? null : changed.get(source);
      Money left = given == null ? amount : notes.leftOf(line).minus(given);
      if (amount.isGreaterThan(left)) {
        throw new IllegalArgumentException(
            "lines[" + i + "].line: a change gave back " + given + " of it; " + left + " is left");
      }
      all = all.plus(amount);
    }
    Money left = left(tx, invoice);
    if (all.isGreaterThan(left)) {
      throw new IllegalArgumentException("lines: at most " + left + " is left, not " + all);
    }
    takeUnitsBack(tx, credited.details(), parts, why.at());
    return credit(tx, credited.details(), lines, why, issuing);
  }

  /** A note on what is left of a line, as {@link Invoices#creditUpTo} says. */
  Optional<Invoice> creditUpTo(
      Transaction tx, String id, CreditNote.Part most, CreditNote.Occasion why, Issuing issuing) {
    Credited credited = toCredit(tx, id);
    List<InvoiceLine> lines = upTo(credited.notes(), most, why, left(tx, credited.invoice()));
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(credit(tx, credited.details(), lines, why, issuing));
  }

  /** What {@link #creditUpTo} would make, as {@link Invoices#lookUpTo} says. */
  Optional<InvoiceDetails> lookUpTo(
      Transaction tx,
      InvoiceDetails of,
      List<InvoiceLine> taken,
      CreditNote.Part most,
      CreditNote.Occasion why) {
    List<InvoiceLine> all = new ArrayList<>(InvoiceStore.takenBack(tx, of.invoice()));
    all.addAll(taken);
    Money left = left(tx, of.invoice()).plus(gross(taken, of.invoice().currency()));
    List<InvoiceLine> lines = upTo(new CreditNote(of, all), most, why, left);
    return lines.isEmpty() ? Optional.empty() : Optional.of(noted(of, lines, why.at()));
  }

  /** The lines of a note on what is left of a line; none where nothing is. */
  private static List<InvoiceLine> upTo(
      CreditNote notes, CreditNote.Part most, CreditNote.Occasion why, Money left) {
    Money net = notes.netOf(most.line());
    Money back = most.amount() == null ? net : Settlements.least(most.amount(), net);
    if (!back.isPositive()) {
      return List.of();
    }
    List<InvoiceLine> lines =
        notes.lines(List.of(new CreditNote.Part(most.line(), back, null)), why.reason());
    return notes.grossOf(most.line(), lines).negated().isGreaterThan(left) ? List.of() : lines;
  }

  /** What is taken back by quantity takes the units along that were bought with it. */
  private void takeUnitsBack(
      Transaction tx, InvoiceDetails details, List<CreditNote.Part> parts, Instant at) {
    Invoice of = details.invoice();
    Wallets.Due sold = new Wallets.Due(of.id(), of.tenant(), of.totals().total(), at);
    for (int i = 0; i < parts.size(); i++) {
      CreditNote.Part part = parts.get(i);
      String place = "lines[" + i + "].quantity: ";
      for (InvoiceLine line : details.lines()) {
        if (line.position() == part.line() && part.quantity() != null) {
          prepaid
              .takeBack(tx, line, part.quantity(), sold)
              .ifPresent(
                  why -> {
                    throw new IllegalArgumentException(place + why);
                  });
        }
      }
    }
  }

  private Invoice credit(
      Transaction tx,
      InvoiceDetails details,
      List<InvoiceLine> lines,
      CreditNote.Occasion why,
      Issuing issuing) {
    Invoice invoice = details.invoice();
    Money amount = gross(lines, invoice.currency()).negated();
    prepaid
        .takeBack(tx, new Wallets.Due(invoice.id(), invoice.tenant(), amount, why.at()))
        .ifPresent(
            spent -> {
              throw new IllegalArgumentException("amount: " + spent);
            });
    Invoice note = issuing.issue(tx, note(tx, details, lines, why.at()));
    settlements.credit(tx, invoice, note, why.refund());
    return note;
  }

  private Draft note(Transaction tx, InvoiceDetails details, List<InvoiceLine> lines, Instant at) {
    InvoiceDetails whole = noted(details, lines, at);
    String series =
        Numbers.ofCreditNote(
            store.seriesOf(tx, details.invoice().id()), whole.invoice().issuedOn());
    return new Draft(whole, series, List.of(), at);
  }

  private InvoiceDetails noted(InvoiceDetails details, List<InvoiceLine> lines, Instant at) {
    LocalDate day = LocalDate.ofInstant(at, details.print().zone());
    Invoice note = CreditNote.head(details.invoice(), ids.next("inv"), lines, at, day);
    return new InvoiceDetails(note, lines, details.seller(), details.billedTo(), details.print());
  }

  private static Money gross(List<InvoiceLine> lines, CurrencyUnit currency) {
    Money gross = Money.zero(currency);
    for (InvoiceLine line : lines) {
      gross = gross.plus(line.amount()).plus(line.tax());
    }
    return gross;
  }

  private Credited toCredit(Transaction tx, String id) {
    // The rest of a credit pays the other open ones: their locks come first.
    store.lockOpen(tx, id);
    Invoice invoice = settlements.locked(tx, id);
    Settlements.mustBeFinal(invoice, "only final invoices are credited");
    if (invoice.status() == InvoiceStatus.VOID || invoice.status() == InvoiceStatus.CLOSED) {
      throw new InvoiceStateException(invoice, "nothing is due on it any more");
    }
    InvoiceDetails details = InvoiceStore.details(tx, id).orElseThrow();
    return new Credited(details, new CreditNote(details, InvoiceStore.takenBack(tx, invoice)));
  }

  /** What earlier notes and changes have left of an invoice, with tax. */
  private Money left(Transaction tx, Invoice invoice) {
    return invoice
        .totals()
        .total()
        .minus(entries.takenBack(tx, invoice))
        .minus(byChanges(tx, invoice));
  }

  /** What changes gave back already; nobody gets more back than they were asked for. */
  private Money byChanges(Transaction tx, Invoice invoice) {
    Money setOff = entries.setOff(tx, invoice);
    Money changed = entries.changed(tx, invoice);
    return setOff.isGreaterThan(changed) ? setOff : changed;
  }

  /** Withdraws an invoice, as {@link Invoices#makeVoid} says. */
  Invoice makeVoid(Transaction tx, String id, CreditNote.Occasion why) {
    store.lockOpen(tx, id);
    Invoice invoice = settlements.locked(tx, id);
    if (invoice.status() != InvoiceStatus.OPEN || invoice.kind() != DocumentKind.INVOICE) {
      throw new InvoiceStateException(invoice, "only open invoices can be voided");
    }
    if (!invoice.settled().paid().isZero()
        || !entries.takenBack(tx, invoice).isZero()
        || !byChanges(tx, invoice).isZero()) {
      throw new InvoiceStateException(
          invoice, "it is partly paid or credited; take back the rest by a credit note", "void");
    }
    Wallets.Due sold = new Wallets.Due(id, invoice.tenant(), invoice.totals().total(), why.at());
    for (InvoiceLine line : InvoiceStore.lines(tx, invoice)) {
      prepaid
          .takeBack(tx, line, null, sold)
          .ifPresent(
              used -> {
                throw new InvoiceStateException(
                    invoice,
                    used + "; they stay charged: take back the others by a credit note of the line",
                    "void");
              });
    }
    store.makeVoid(tx, id, why.reason());
    settlements.release(tx, invoice, why.at());
    return invoice.with(InvoiceStatus.VOID, invoice.number());
  }
}
