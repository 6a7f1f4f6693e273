package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.SettlementStore.Entry;
import io.tollgate.controlplane.invoice.SettlementStore.Kind;
import io.tollgate.controlplane.wallet.Wallets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What money and credits do to invoices. Whatever is more than an invoice owes goes to its tenant's
 * balance and from there to the tenant's other open invoices in the currency, oldest first: nobody
 * is dunned whose money is in the house.
 *
 * <p>Locks are taken in one order, a tenant's open invoices first and by id, so that two of these
 * never wait for each other.
 */
final class Settlements {
  private final InvoiceStore store;
  private final SettlementStore entries;
  private final Prepaid prepaid;
  private final List<InvoiceListener> listeners;

  /**
   * @param listeners told when an invoice is paid; others are added to it later
   */
  Settlements(
      InvoiceStore store,
      SettlementStore entries,
      Prepaid prepaid,
      List<InvoiceListener> listeners) {
    this.store = store;
    this.entries = entries;
    this.prepaid = prepaid;
    this.listeners = listeners;
  }

  /** What came to a tenant's balance, under a reference of its own. */
  private record Came(Money amount, String reference, Instant at) {}

  /** Books a payment, as {@link Invoices#pay} says. */
  Invoice pay(Transaction tx, Payment payment) {
    store.lockOpen(tx, payment.invoice());
    Invoice invoice = locked(tx, payment.invoice());
    mustBeFinal(invoice, "only final invoices are paid");
    if (!payment.amount().getCurrencyUnit().equals(invoice.currency())) {
      throw new IllegalArgumentException("currency: " + invoice.currency() + " is due");
    }
    if (!record(
        tx, Kind.PAYMENT, invoice, new Came(payment.amount(), payment.reference(), payment.at()))) {
      return invoice;
    }
    Money applied = least(payment.amount(), invoice.amountDue());
    Money rest = payment.amount().minus(applied);
    Invoice.Settled settled = invoice.settled();
    Invoice after =
        settle(
            tx,
            invoice,
            new Invoice.Settled(
                settled.paid().plus(applied), settled.credited(), settled.wallet()));
    toBalance(tx, invoice, new Came(rest, "paid:" + payment.reference(), payment.at()));
    return after;
  }

  /** Pays an open invoice from a wallet, as {@link Invoices#payFromWallet} says. */
  Invoice payFromWallet(Transaction tx, String id, @Nullable Money most, Instant at) {
    store.lockOpen(tx, id);
    Invoice invoice = locked(tx, id);
    if (invoice.status() != InvoiceStatus.OPEN) {
      throw new InvoiceStateException(invoice, "only an open one can be paid");
    }
    if (most != null && !most.isPositive()) {
      throw new IllegalArgumentException("amount: over zero, not " + most);
    }
    Money due = most == null ? invoice.amountDue() : least(most, invoice.amountDue());
    Wallets.Due asked = new Wallets.Due(id, invoice.tenant(), due, at);
    Money taken = prepaid.pay(tx, List.of(asked)).get(id);
    if (taken == null) {
      throw new InvoiceStateException(
          invoice, "no wallet has money that pays it", "pay-from-wallet");
    }
    Invoice.Settled settled = invoice.settled();
    return settle(
        tx,
        invoice,
        new Invoice.Settled(settled.paid(), settled.credited(), settled.wallet().plus(taken)));
  }

  /**
   * Sets what a change gives back against the invoices that charged for it and are still open, and
   * gives what is left then back to the wallet that paid of them: only what was paid in money
   * counts as the tenant's from then on.
   *
   * @param note final, its amount on the balance
   */
  void setOff(Transaction tx, Invoice note) {
    Money left = note.totals().total().negated();
    store.lockOpen(tx, note.id());
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
    payOpen(tx, note, new Came(left, "final:" + note.id(), note.issuedAt()));
  }

  private void lower(
      Transaction tx, Invoice invoice, Money unpaid, Money prepaidPart, Invoice note) {
    Money lowered = unpaid.plus(prepaidPart);
    if (!lowered.isPositive()) {
      return;
    }
    toWallet(tx, invoice, prepaidPart, note.issuedAt());
    String reference = SettlementStore.SET_OFF + note.id() + ":" + invoice.id();
    book(tx, invoice, new Came(lowered.negated(), reference, note.issuedAt()));
    record(tx, Kind.CREDIT, invoice, new Came(lowered, reference, note.issuedAt()));
    settle(tx, invoice, invoice.settled().creditedBy(lowered, prepaidPart));
  }

  /**
   * Credits an invoice: what is due is lowered first, then what a wallet paid goes back to it; the
   * rest was paid in money and is the tenant's.
   *
   * @param invoice locked
   * @param note what takes it back, final
   * @param refund whether the rest stays on the balance to be given back
   */
  void credit(Transaction tx, Invoice invoice, Invoice note, boolean refund) {
    Instant at = note.issuedAt();
    Money amount = note.totals().total().negated();
    Money unpaid = least(amount, invoice.amountDue());
    Money prepaidPart = least(amount.minus(unpaid), invoice.settled().wallet());
    Money lowered = unpaid.plus(prepaidPart);
    toWallet(tx, invoice, prepaidPart, at);
    record(tx, Kind.CREDIT, invoice, new Came(lowered, note.id(), at));
    settle(tx, invoice, invoice.settled().creditedBy(lowered, prepaidPart));
    Came rest = new Came(amount.minus(lowered), "credit:" + note.id(), at);
    if (refund) {
      book(tx, invoice, rest);
    } else {
      toBalance(tx, invoice, rest);
    }
  }

  /** Gives back what a balance and a wallet paid of an invoice that is void from now on. */
  void release(Transaction tx, Invoice invoice, Instant at) {
    Invoice.Settled settled = invoice.settled();
    toWallet(tx, invoice, settled.wallet(), at);
    toBalance(tx, invoice, new Came(settled.credited(), "void:" + invoice.id(), at));
  }

  /** To the balance, and from there to the other invoices that are open. */
  private void toBalance(Transaction tx, Invoice invoice, Came came) {
    book(tx, invoice, came);
    payOpen(tx, invoice, came);
  }

  /**
   * Pays what is open in an invoice's tenant's books, oldest first, of what came to the balance.
   *
   * @param from left out: what came was more than it owes
   */
  private void payOpen(Transaction tx, Invoice from, Came came) {
    if (!came.amount().isPositive()) {
      return;
    }
    Money rest = came.amount();
    for (Invoice open : store.lockOpen(tx, from.id())) {
      Money pays = least(rest, open.amountDue());
      if (!open.id().equals(from.id()) && pays.isPositive()) {
        rest = rest.minus(pays);
        book(tx, open, new Came(pays.negated(), came.reference() + ":" + open.id(), came.at()));
        settle(tx, open, open.settled().creditedBy(pays, Money.zero(open.currency())));
      }
    }
  }

  private void toWallet(Transaction tx, Invoice invoice, Money amount, Instant at) {
    if (amount.isPositive()) {
      prepaid.giveBack(tx, new Wallets.Due(invoice.id(), invoice.tenant(), amount, at));
    }
  }

  private boolean record(Transaction tx, Kind kind, Invoice invoice, Came came) {
    return entries.record(tx, entry(kind, invoice, came));
  }

  private void book(Transaction tx, Invoice invoice, Came came) {
    entries.addToBalance(tx, entry(Kind.BALANCE, invoice, came));
  }

  private static Entry entry(Kind kind, Invoice invoice, Came came) {
    return new Entry(
        kind, invoice.tenant(), invoice.id(), came.amount(), came.reference(), came.at());
  }

  private Invoice settle(Transaction tx, Invoice invoice, Invoice.Settled settled) {
    Invoice after = invoice.with(settled);
    boolean now = invoice.status() == InvoiceStatus.OPEN && after.amountDue().isZero();
    if (now) {
      after = after.with(InvoiceStatus.PAID, after.number());
    }
    entries.settle(tx, after);
    if (now) {
      for (InvoiceListener listener : listeners) {
        listener.paid(tx, after);
      }
    }
    return after;
  }

  /**
   * An invoice that nobody else changes until the transaction ends.
   *
   * @throws IllegalArgumentException if it is not there
   */
  Invoice locked(Transaction tx, String id) {
    return store
        .lock(tx, id)
        .orElseThrow(() -> new IllegalArgumentException("invoice: there is no " + id));
  }

  /**
   * Refuses drafts and credit notes.
   *
   * @throws InvoiceStateException that says what is possible
   */
  static void mustBeFinal(Invoice invoice, String possible) {
    if (invoice.status() == InvoiceStatus.DRAFT || invoice.kind() == DocumentKind.CREDIT_NOTE) {
      throw new InvoiceStateException(invoice, possible);
    }
  }

  static Money least(Money one, Money other) {
    return one.isLessThan(other) ? one : other;
  }
}
