package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Finalization.Numbering;
import io.tollgate.controlplane.invoice.SettlementStore.Entry;
import io.tollgate.controlplane.invoice.SettlementStore.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The invoices and what becomes of them. Every method works in the caller's transaction, so that a
 * change and its consequences are one. Listeners are added while the program is put together;
 * afterwards thread-safe.
 */
public final class Invoices {
  private final Ids ids;
  private final InvoiceStore store = new InvoiceStore();
  private final SettlementStore entries;
  private final Finalization finalization;
  private final Settlements settlements;
  private final Corrections corrections;
  private final List<InvoiceListener> listeners = new ArrayList<>();

  /** Invoices whose ids come from here, and nothing prepaid. */
  public Invoices(Ids ids) {
    this(ids, Prepaid.NONE);
  }

  /** Invoices whose ids come from here. */
  public Invoices(Ids ids, Prepaid prepaid) {
    this.ids = ids;
    this.entries = new SettlementStore(ids);
    this.finalization = new Finalization(entries, prepaid);
    this.settlements = new Settlements(store, entries, prepaid, listeners);
    this.corrections = new Corrections(ids, store, entries, settlements, prepaid);
  }

  /** Adds one that is told what becomes of invoices. */
  public void listen(InvoiceListener listener) {
    listeners.add(listener);
  }

  /** One invoice; empty where the transaction's scope has none of the id. */
  public Optional<Invoice> find(Transaction tx, String id) {
    return store.find(tx, id);
  }

  /**
   * One invoice, which like its tenant's open ones no other transaction changes until this one
   * ends; empty where the transaction's scope has none of the id.
   */
  public Optional<Invoice> lock(Transaction tx, String id) {
    store.lockOpen(tx, id);
    return store.find(tx, id);
  }

  /** One invoice with its lines; empty where the transaction's scope has none of the id. */
  public Optional<InvoiceDetails> details(Transaction tx, String id) {
    return InvoiceStore.details(tx, id);
  }

  /** The document as its reader sees it: what it corrects goes by its number, not by its id. */
  public InvoiceDetails asPrinted(Transaction tx, InvoiceDetails details) {
    String corrects = details.invoice().corrects();
    Optional<String> number =
        corrects == null ? Optional.empty() : store.find(tx, corrects).map(Invoice::number);
    return number.map(named -> details.with(details.invoice().correcting(named))).orElse(details);
  }

  /**
   * Documents of a tenant that are not made, with what would be paid of them were they final now.
   *
   * @param balance what there is on the tenant's balance in their currency
   * @param prepaid what wallets have of it
   */
  public static List<InvoiceDetails> foreseen(
      List<InvoiceDetails> seen, Money balance, Money prepaid) {
    Money none = Money.zero(balance.getCurrencyUnit());
    Money left = balance;
    Money leftPrepaid = prepaid;
    List<InvoiceDetails> foreseen = new ArrayList<>();
    for (InvoiceDetails details : seen) {
      Money total = details.invoice().totals().total();
      Money credited = lesser(left, total);
      Money paid = lesser(leftPrepaid, total.minus(credited));
      left = left.minus(credited);
      leftPrepaid = leftPrepaid.minus(paid);
      foreseen.add(details.with(details.invoice().with(new Invoice.Settled(none, credited, paid))));
    }
    return foreseen;
  }

  /** None where one is below zero. */
  private static Money lesser(Money one, Money other) {
    Money lesser = one.isLessThan(other) ? one : other;
    return lesser.isPositive() ? lesser : Money.zero(one.getCurrencyUnit());
  }

  /** A tenant's invoices with an amount due, oldest first. */
  public List<Invoice> open(Transaction tx, String tenant) {
    return store.open(tx, List.of(tenant));
  }

  /** Tenants' invoices with an amount due, oldest first, with one query. */
  public List<Invoice> open(Transaction tx, Collection<String> tenants) {
    return store.open(tx, tenants);
  }

  /** Asks ahead for a tenant's invoices with an amount due ({@link Transaction#foresee}). */
  public void foreseeOpen(Transaction tx, String tenant) {
    InvoiceStore.foreseeOpen(tx, tenant);
  }

  /** Those of the invoices that the transaction's scope has, with one query. */
  public List<Invoice> find(Transaction tx, Collection<String> ids) {
    return store.find(tx, ids);
  }

  /** All of a tenant's documents with their lines, oldest first. */
  public List<InvoiceDetails> all(Transaction tx, String tenant) {
    return InvoiceStore.all(tx, tenant);
  }

  /** When a tenant's last final invoice was issued; empty where it has none. */
  public Optional<Instant> lastFinal(Transaction tx, String tenant) {
    return InvoiceStore.lastFinal(tx, tenant);
  }

  /** Asks ahead what {@link #balance} does ({@link Transaction#foresee}). */
  public void foreseeBalance(Transaction tx, String tenant, CurrencyUnit currency) {
    SettlementStore.foreseeBalance(tx, tenant, currency);
  }

  /** What a tenant has in credit, to pay later invoices in the currency. */
  public Money balance(Transaction tx, String tenant, CurrencyUnit currency) {
    return SettlementStore.balance(tx, tenant, currency);
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
    InvoiceInserts.insert(tx, drafts);
  }

  /**
   * Stores composed documents with what they claim as final ones and tells the listeners.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  public List<Invoice> addFinal(Transaction tx, List<Draft> drafts) {
    return drafts.isEmpty()
        ? List.of()
        : told(tx, finalization.store(tx, drafts, Numbering.AT_ONCE));
  }

  /**
   * As {@link #addFinal}, but one alone gets its number together with the commit, so that others of
   * its series wait for that only. Until then nobody in the transaction knows it.
   */
  public void addFinalNumberedLast(Transaction tx, List<Draft> drafts) {
    if (!drafts.isEmpty()) {
      told(tx, finalization.store(tx, drafts, Numbering.LAST));
    }
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
          .forEach(note -> settlements.setOff(tx, note));
    }
    return made;
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
    return settlements.pay(tx, payment);
  }

  /**
   * Pays an open invoice from the tenant's wallet of its currency, as far as that goes. Invoices
   * take their share of a wallet when they become final; this is for money that came later.
   *
   * @param most over zero; null for all that is due
   * @param at by the tenant's clock
   * @return the invoice after it
   * @throws InvoiceStateException unless it is open, and where no wallet has money for it: a
   *     top-up's invoice is never paid so
   * @throws IllegalArgumentException for an amount that is not over zero
   */
  public Invoice payFromWallet(Transaction tx, String id, @Nullable Money most, Instant at) {
    return settlements.payFromWallet(tx, id, most, at);
  }

  /**
   * Takes back a part of a final invoice by a credit note. What is still due is lowered first, then
   * what a wallet paid goes back to it; what was paid in money pays the tenant's other open
   * invoices in the currency, oldest first, unless it is to be refunded, and the rest of it goes to
   * the balance, from which it pays later invoices or is given back ({@link #refund}).
   *
   * @param amount with tax, over zero, at most what earlier notes and changes have left
   * @return the credit note, final
   * @throws InvoiceStateException for a draft, a void invoice or a credit note
   * @throws IllegalArgumentException for more than is left
   */
  public Invoice credit(Transaction tx, String id, Money amount, CreditNote.Occasion why) {
    return corrections.credit(tx, id, amount, why, this::issue);
  }

  /**
   * Takes back parts of lines of a final invoice by a credit note, as {@link #credit} does.
   *
   * @param parts each over zero, at most what earlier notes and changes have left of its line
   * @throws InvoiceStateException for a draft, a void invoice or a credit note
   * @throws IllegalArgumentException naming the part, for more than is left
   */
  public Invoice creditLines(
      Transaction tx, String id, List<CreditNote.Part> parts, CreditNote.Occasion why) {
    return corrections.creditLines(tx, id, parts, why, this::issue);
  }

  /**
   * Takes back of one line what is asked for, or what is left of it.
   *
   * @param most with an amount, at least 0
   * @return the credit note; empty where nothing is left
   */
  public Optional<Invoice> creditUpTo(
      Transaction tx, String id, CreditNote.Part most, CreditNote.Occasion why) {
    return corrections.creditUpTo(tx, id, most, why, this::issue);
  }

  /**
   * The note that {@link #creditUpTo} would make; nothing is locked or written.
   *
   * @param invoice which need not be stored
   * @param taken the lines of other notes on it that would be made before
   */
  public Optional<InvoiceDetails> lookUpTo(
      Transaction tx,
      InvoiceDetails invoice,
      List<InvoiceLine> taken,
      CreditNote.Part most,
      CreditNote.Occasion why) {
    return corrections.lookUpTo(tx, invoice, taken, most, why);
  }

  private Invoice issue(Transaction tx, Draft note) {
    return addFinal(tx, List.of(note)).getFirst();
  }

  /**
   * Books that money of a tenant's balance was given back.
   *
   * @param reference the refund's id; the same reference counts once
   * @throws IllegalArgumentException if the balance is below the amount
   */
  public void refund(Transaction tx, String tenant, Money amount, String reference, Instant at) {
    entries.addToBalance(
        tx, new Entry(Kind.BALANCE, tenant, null, amount.negated(), "refund:" + reference, at));
  }

  /**
   * Withdraws an open invoice on which nothing was paid. Its number stays visible; what it billed
   * can be billed again; a balance and prepaid money it had used are given back (and pay the
   * tenant's other open invoices), and units it sold are taken back.
   *
   * @throws InvoiceStateException unless it is open and unpaid: a paid one is credited instead; and
   *     where some of the units it sold were used, which stay charged
   */
  public Invoice makeVoid(Transaction tx, String id, String reason, Instant at) {
    List<Draft.Claim> claims =
        Claims.of(tx, List.of(id)).stream().map(Claims.Claimed::claim).toList();
    Invoice after = corrections.makeVoid(tx, id, new CreditNote.Occasion(reason, at));
    listeners.forEach(listener -> listener.voided(tx, after));
    listeners.forEach(listener -> listener.freed(tx, after, claims));
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
    return DeliveryStore.of(tx, List.of(invoice));
  }

  /** How documents were brought to their tenant, by document; of each the oldest first. */
  public Map<String, List<Delivery>> deliveries(Transaction tx, Collection<String> invoices) {
    return DeliveryStore.of(tx, invoices).stream()
        .collect(Collectors.groupingBy(Delivery::invoice));
  }
}
