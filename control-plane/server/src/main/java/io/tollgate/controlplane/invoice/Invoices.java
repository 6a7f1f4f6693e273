package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.SettlementStore.Entry;
import io.tollgate.controlplane.invoice.SettlementStore.Kind;
import io.tollgate.controlplane.wallet.Wallets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * The invoices and what becomes of them. Every method works in the caller's transaction, so that a
 * change and its consequences are one. Listeners are added while the program is put together;
 * afterwards thread-safe.
 */
public final class Invoices {
  private final Ids ids;
  private final InvoiceStore store = new InvoiceStore();
  private final SettlementStore settlements;
  private final Finalization finalization;
  private final Prepaid prepaid;
  private final List<InvoiceListener> listeners = new ArrayList<>();

  /** Invoices whose ids come from here, and nothing prepaid. */
  public Invoices(Ids ids) {
    this(ids, Prepaid.NONE);
  }

  /** Invoices whose ids come from here. */
  public Invoices(Ids ids, Prepaid prepaid) {
    this.ids = ids;
    this.prepaid = prepaid;
    this.settlements = new SettlementStore(ids);
    this.finalization = new Finalization(store, settlements, prepaid);
  }

  /** Adds one that is told what becomes of invoices. */
  public void listen(InvoiceListener listener) {
    listeners.add(listener);
  }

  /** One invoice; empty where the transaction's scope has none of the id. */
  public Optional<Invoice> find(Transaction tx, String id) {
    return store.find(tx, id);
  }

  /** One invoice with its lines; empty where the transaction's scope has none of the id. */
  public Optional<InvoiceDetails> details(Transaction tx, String id) {
    return store.details(tx, id);
  }

  /** The document as its reader sees it: what it corrects goes by its number, not by its id. */
  public InvoiceDetails asPrinted(Transaction tx, InvoiceDetails details) {
    String corrects = details.invoice().corrects();
    Optional<String> number =
        corrects == null ? Optional.empty() : store.find(tx, corrects).map(Invoice::number);
    return number
        .map(
            named ->
                new InvoiceDetails(
                    details.invoice().correcting(named),
                    details.lines(),
                    details.seller(),
                    details.billedTo(),
                    details.print()))
        .orElse(details);
  }

  /** A tenant's invoices with an amount due, oldest first. */
  public List<Invoice> open(Transaction tx, String tenant) {
    return store.open(tx, List.of(tenant));
  }

  /** Tenants' invoices with an amount due, oldest first, with one query. */
  public List<Invoice> open(Transaction tx, Collection<String> tenants) {
    return store.open(tx, tenants);
  }

  /** Those of the invoices that the transaction's scope has, with one query. */
  public List<Invoice> find(Transaction tx, Collection<String> ids) {
    return store.find(tx, ids);
  }

  /** All of a tenant's documents with their lines, oldest first. */
  public List<InvoiceDetails> all(Transaction tx, String tenant) {
    return InvoiceStore.ids(tx, tenant).stream()
        .map(id -> store.details(tx, id).orElseThrow())
        .toList();
  }

  /** When a tenant's last final invoice was issued; empty where it has none. */
  public Optional<Instant> lastFinal(Transaction tx, String tenant) {
    return InvoiceStore.lastFinal(tx, tenant);
  }

  /** What a tenant has in credit, to pay later invoices in the currency. */
  public Money balance(Transaction tx, String tenant, CurrencyUnit currency) {
    return settlements
        .balances(tx, List.of(tenant), currency)
        .getOrDefault(tenant, Money.zero(currency));
  }

  /**
   * Of each tenant the last final documents that a catalog's bills made, newest first.
   *
   * @param skip how many of the newest of each tenant to pass over
   */
  public List<Invoice> last(
      Transaction tx, Collection<String> tenants, String catalog, int skip, int count) {
    return InvoiceStore.last(tx, tenants, catalog, skip, count);
  }

  /**
   * Stores composed drafts with what they claim.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  public void add(Transaction tx, List<Draft> drafts) {
    store.insert(tx, drafts);
  }

  /**
   * Stores composed documents with what they claim as final ones and tells the listeners.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  public List<Invoice> addFinal(Transaction tx, List<Draft> drafts) {
    return drafts.isEmpty() ? List.of() : told(tx, finalization.store(tx, drafts));
  }

  /** Makes drafts final, numbers them and tells the listeners; others of the ids are left alone. */
  public List<Invoice> makeFinal(Transaction tx, List<String> drafts) {
    return told(tx, finalization.run(tx, drafts));
  }

  private List<Invoice> told(Transaction tx, List<Invoice> made) {
    List<Invoice> finalized =
        made.stream().filter(invoice -> invoice.status() != InvoiceStatus.CLOSED).toList();
    if (!finalized.isEmpty()) {
      listeners.forEach(listener -> listener.finalized(tx, finalized));
      finalized.stream()
          .filter(Invoice::givesBack)
          .filter(note -> note.totals().total().isNegative())
          .forEach(note -> setOff(tx, note));
    }
    return made;
  }

  /**
   * Sets what a change gives back against the invoices that charged for it and are still open, and
   * gives what is left then back to the wallet that paid of them: only what was paid in money stays
   * on the balance.
   */
  private void setOff(Transaction tx, Invoice note) {
    Money left = note.totals().total().negated();
    List<Invoice> charging = store.lockCharging(tx, note);
    List<Money> unpaid = new ArrayList<>();
    for (Invoice invoice : charging) {
      unpaid.add(least(left, invoice.amountDue()));
      left = left.minus(unpaid.getLast());
    }
    for (int i = 0; i < charging.size(); i++) {
      Invoice invoice = charging.get(i);
      Money prepaidPart = least(left, invoice.settled().wallet());
      left = left.minus(prepaidPart);
      lower(tx, invoice, unpaid.get(i), prepaidPart, note);
    }
  }

  private void lower(
      Transaction tx, Invoice invoice, Money unpaid, Money prepaidPart, Invoice note) {
    Money lowered = unpaid.plus(prepaidPart);
    if (!lowered.isPositive()) {
      return;
    }
    toWallet(tx, invoice, prepaidPart, note.issuedAt());
    String reference = SettlementStore.SET_OFF + note.id() + ":" + invoice.id();
    toBalance(tx, invoice, lowered.negated(), reference, note.issuedAt());
    settlements.record(
        tx,
        new Entry(
            Kind.CREDIT, invoice.tenant(), invoice.id(), lowered, reference, note.issuedAt()));
    settle(tx, invoice, invoice.settled().creditedBy(lowered, prepaidPart));
  }

  private void toWallet(Transaction tx, Invoice invoice, Money amount, Instant at) {
    if (amount.isPositive()) {
      prepaid.giveBack(tx, new Wallets.Due(invoice.id(), invoice.tenant(), amount, at));
    }
  }

  /**
   * Books a payment. What exceeds the amount due, or comes for an invoice that is settled or void,
   * pays the tenant's other open invoices, oldest first; what is left then goes to the tenant's
   * balance, which pays later invoices: money received is never lost.
   *
   * @return the invoice after it; unchanged if the payment's reference was booked before
   * @throws InvoiceStateException for a draft or a credit note
   * @throws IllegalArgumentException for another currency or an invoice that is not there
   */
  public Invoice pay(Transaction tx, Payment payment) {
    List<Invoice> open = store.lockOpen(tx, payment.invoice());
    Invoice invoice = locked(tx, payment.invoice());
    requireFinalInvoice(invoice, "only final invoices are paid");
    if (!payment.amount().getCurrencyUnit().equals(invoice.currency())) {
      throw new IllegalArgumentException("currency: " + invoice.currency() + " is due");
    }
    Entry entry =
        new Entry(
            Kind.PAYMENT,
            invoice.tenant(),
            invoice.id(),
            payment.amount(),
            payment.reference(),
            payment.at());
    if (!settlements.record(tx, entry)) {
      return invoice;
    }
    Money applied = least(payment.amount(), invoice.amountDue());
    Invoice.Settled settled = invoice.settled();
    Money rest = payment.amount().minus(applied);
    toBalance(tx, invoice, rest, "paid:" + payment.reference(), payment.at());
    for (Invoice other : open) {
      Money pays = least(rest, other.amountDue());
      if (!other.id().equals(invoice.id()) && pays.isPositive()) {
        rest = rest.minus(pays);
        String reference = "paid:" + payment.reference() + ":" + other.id();
        toBalance(tx, other, pays.negated(), reference, payment.at());
        settle(tx, other, other.settled().creditedBy(pays, Money.zero(other.currency())));
      }
    }
    return settle(
        tx,
        invoice,
        new Invoice.Settled(settled.paid().plus(applied), settled.credited(), settled.wallet()));
  }

  /**
   * Takes back a part of a final invoice by a credit note. What is still due is lowered first, then
   * what a wallet paid goes back to it; what was paid in money goes to the tenant's balance, from
   * which it pays later invoices or is given back ({@link #refund}).
   *
   * @param amount with tax, over zero, at most what earlier notes and changes have left
   * @param reason printed on the note
   * @return the credit note, final
   * @throws InvoiceStateException for a draft, a void invoice or a credit note
   * @throws IllegalArgumentException for more than is left
   */
  public Invoice credit(Transaction tx, String id, Money amount, String reason, Instant at) {
    Invoice invoice = toCredit(tx, id);
    InvoiceDetails details = store.details(tx, id).orElseThrow();
    Money left = left(tx, invoice);
    if (amount.isGreaterThan(left)) {
      throw new IllegalArgumentException(
          "amount: over zero and at most " + left + ", not " + amount);
    }
    CreditNote notes = new CreditNote(details, InvoiceStore.takenBack(tx, invoice));
    return credit(tx, details, notes.lines(amount, reason), at);
  }

  /**
   * Takes back parts of lines of a final invoice by a credit note, as {@link #credit} does.
   *
   * @param parts each over zero, at most what earlier notes and changes have left of its line
   * @throws InvoiceStateException for a draft, a void invoice or a credit note
   * @throws IllegalArgumentException naming the part, for more than is left
   */
  public Invoice creditLines(
      Transaction tx, String id, List<CreditNote.Part> parts, String reason, Instant at) {
    Invoice invoice = toCredit(tx, id);
    InvoiceDetails details = store.details(tx, id).orElseThrow();
    CreditNote notes = new CreditNote(details, InvoiceStore.takenBack(tx, invoice));
    List<InvoiceLine> lines = notes.lines(parts, reason);
    Map<String, Money> changed = settlements.changedBySource(tx, invoice);
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
    takeUnitsBack(tx, details, parts, at);
    return credit(tx, details, lines, at);
  }

  /**
   * Takes back of one line what is asked for, or what is left of it.
   *
   * @param amount before tax and after discounts, at least 0
   * @return the credit note; empty where nothing is left
   */
  public Optional<Invoice> creditUpTo(
      Transaction tx, String id, int line, Money amount, String reason, Instant at) {
    Invoice invoice = toCredit(tx, id);
    InvoiceDetails details = store.details(tx, id).orElseThrow();
    CreditNote notes = new CreditNote(details, InvoiceStore.takenBack(tx, invoice));
    Money back = least(amount, notes.netOf(line));
    if (!back.isPositive()) {
      return Optional.empty();
    }
    List<InvoiceLine> lines = notes.lines(List.of(new CreditNote.Part(line, back, null)), reason);
    boolean fits = !notes.grossOf(line, lines).negated().isGreaterThan(left(tx, invoice));
    return fits ? Optional.of(credit(tx, details, lines, at)) : Optional.empty();
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

  /** What earlier notes and changes have left of an invoice, with tax. */
  private Money left(Transaction tx, Invoice invoice) {
    return invoice
        .totals()
        .total()
        .minus(settlements.takenBack(tx, invoice))
        .minus(byChanges(tx, invoice));
  }

  private Invoice credit(
      Transaction tx, InvoiceDetails details, List<InvoiceLine> lines, Instant at) {
    Invoice invoice = details.invoice();
    Money amount = Money.zero(invoice.currency());
    for (InvoiceLine line : lines) {
      amount = amount.minus(line.amount()).minus(line.tax());
    }
    prepaid
        .takeBack(tx, new Wallets.Due(invoice.id(), invoice.tenant(), amount, at))
        .ifPresent(
            why -> {
              throw new IllegalArgumentException("amount: " + why);
            });
    Invoice note = addNote(tx, details, lines, at);
    Money unpaid = least(amount, invoice.amountDue());
    Money prepaidPart = least(amount.minus(unpaid), invoice.settled().wallet());
    Money lowered = unpaid.plus(prepaidPart);
    toWallet(tx, invoice, prepaidPart, at);
    settlements.record(
        tx, new Entry(Kind.CREDIT, invoice.tenant(), invoice.id(), lowered, note.id(), at));
    toBalance(tx, invoice, amount.minus(lowered), "credit:" + note.id(), at);
    settle(tx, invoice, invoice.settled().creditedBy(lowered, prepaidPart));
    return note;
  }

  private Invoice toCredit(Transaction tx, String id) {
    Invoice invoice = locked(tx, id);
    requireFinalInvoice(invoice, "only final invoices are credited");
    if (invoice.status() == InvoiceStatus.VOID || invoice.status() == InvoiceStatus.CLOSED) {
      throw new InvoiceStateException(invoice, "nothing is due on it any more");
    }
    return invoice;
  }

  /** What changes gave back already; nobody gets more back than they were asked for. */
  private Money byChanges(Transaction tx, Invoice invoice) {
    Money setOff = settlements.setOff(tx, invoice);
    Money changed = settlements.changed(tx, invoice);
    return setOff.isGreaterThan(changed) ? setOff : changed;
  }

  private Invoice addNote(
      Transaction tx, InvoiceDetails details, List<InvoiceLine> lines, Instant at) {
    Invoice invoice = details.invoice();
    LocalDate day = LocalDate.ofInstant(at, details.print().zone());
    String id = ids.next("inv");
    Invoice note = CreditNote.head(invoice, id, lines, at, day);
    String series = Numbers.ofCreditNote(store.seriesOf(tx, invoice.id()), day);
    InvoiceDetails whole =
        new InvoiceDetails(note, lines, details.seller(), details.billedTo(), details.print());
    return addFinal(tx, List.of(new Draft(whole, series, List.of(), at))).getFirst();
  }

  /**
   * Books that money of a tenant's balance was given back.
   *
   * @param reference the refund's id; the same reference counts once
   * @throws IllegalArgumentException if the balance is below the amount
   */
  public void refund(Transaction tx, String tenant, Money amount, String reference, Instant at) {
    settlements.addToBalance(
        tx, new Entry(Kind.BALANCE, tenant, null, amount.negated(), "refund:" + reference, at));
  }

  /**
   * Withdraws an open invoice on which nothing was paid. Its number stays visible; what it billed
   * can be billed again; a balance and prepaid money it had used are given back, and units it sold
   * are taken back.
   *
   * @throws InvoiceStateException unless it is open and unpaid: a paid one is credited instead; and
   *     where some of the units it sold were used, which stay charged
   */
  public Invoice makeVoid(Transaction tx, String id, String reason, Instant at) {
    Invoice invoice = locked(tx, id);
    if (invoice.status() != InvoiceStatus.OPEN || invoice.kind() != DocumentKind.INVOICE) {
      throw new InvoiceStateException(invoice, "only open invoices can be voided");
    }
    if (!invoice.settled().paid().isZero()
        || !settlements.takenBack(tx, invoice).isZero()
        || !byChanges(tx, invoice).isZero()) {
      throw new InvoiceStateException(
          invoice, "it is partly paid or credited; take back the rest by a credit note");
    }
    Wallets.Due sold = new Wallets.Due(id, invoice.tenant(), invoice.totals().total(), at);
    for (InvoiceLine line : InvoiceStore.lines(tx, invoice)) {
      prepaid
          .takeBack(tx, line, null, sold)
          .ifPresent(
              why -> {
                throw new InvoiceStateException(
                    invoice,
                    why + "; they stay charged: take back the others by a credit note of the line");
              });
    }
    toBalance(tx, invoice, invoice.settled().credited(), "void:" + id, at);
    prepaid.giveBack(tx, new Wallets.Due(id, invoice.tenant(), invoice.settled().wallet(), at));
    store.makeVoid(tx, id, reason);
    Invoice after = invoice.with(InvoiceStatus.VOID, invoice.number());
    listeners.forEach(listener -> listener.voided(tx, after));
    return after;
  }

  /** How an invoice was brought to its tenant; the fields are those of {@link Delivery}. */
  public record Handover(
      String channel, String recipient, Delivery.Outcome outcome, String detail) {}

  /**
   * Records that a final invoice was brought to its tenant, or could not be.
   *
   * @throws InvoiceStateException for a draft, which nobody should have seen
   */
  public Delivery delivered(Transaction tx, Invoice invoice, Handover handover, Instant at) {
    if (invoice.status() == InvoiceStatus.DRAFT || invoice.status() == InvoiceStatus.CLOSED) {
      throw new InvoiceStateException(invoice, "only final documents are delivered");
    }
    Delivery delivery =
        new Delivery(
            ids.next("dlv"),
            invoice.tenant(),
            invoice.id(),
            handover.channel(),
            handover.recipient(),
            handover.outcome(),
            handover.detail(),
            at);
    DeliveryStore.insert(tx, delivery);
    return delivery;
  }

  /** How a document was brought to its tenant, oldest first. */
  public List<Delivery> deliveries(Transaction tx, String invoice) {
    return DeliveryStore.of(tx, invoice);
  }

  private Invoice settle(Transaction tx, Invoice invoice, Invoice.Settled settled) {
    Invoice after = invoice.with(settled);
    boolean now = invoice.status() == InvoiceStatus.OPEN && after.amountDue().isZero();
    if (now) {
      after = after.with(InvoiceStatus.PAID, after.number());
    }
    settlements.settle(tx, after);
    if (now) {
      for (InvoiceListener listener : listeners) {
        listener.paid(tx, after);
      }
    }
    return after;
  }

  private void toBalance(
      Transaction tx, Invoice invoice, Money amount, String reference, Instant at) {
    settlements.addToBalance(
        tx, new Entry(Kind.BALANCE, invoice.tenant(), invoice.id(), amount, reference, at));
  }

  private Invoice locked(Transaction tx, String id) {
    return store
        .lock(tx, id)
        .orElseThrow(() -> new IllegalArgumentException("invoice: there is no " + id));
  }

  private static void requireFinalInvoice(Invoice invoice, String possible) {
    if (invoice.status() == InvoiceStatus.DRAFT || invoice.kind() == DocumentKind.CREDIT_NOTE) {
      throw new InvoiceStateException(invoice, possible);
    }
  }

  private static Money least(Money one, Money other) {
    return one.isLessThan(other) ? one : other;
  }
}
