package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.invoice.SettlementStore.Entry;
import io.tollgate.controlplane.invoice.SettlementStore.Kind;
import io.tollgate.controlplane.wallet.Wallets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents final: applies the tenants' balances, gives numbers, and from then on nothing but
 * the settlement changes. A chunk of any size takes one statement a step. Numbers are taken late,
 * because whoever takes the next of the series waits from then to the transaction's end.
 */
final class Finalization {
  private static final String WRITE =
      """
      UPDATE invoices AS i SET status = f.status, series = f.series, ordinal = f.ordinal,
        number = f.number, credited = f.credited::numeric, wallet = f.wallet::numeric
      FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
        $7::text[]) AS f (id, status, ordinal, number, credited, wallet, series)
      WHERE i.id = f.id
      """;

  private final SettlementStore settlements;
  private final Prepaid prepaid;

  Finalization(SettlementStore settlements, Prepaid prepaid) {
    this.settlements = settlements;
    this.prepaid = prepaid;
  }

  /** When documents get their numbers. */
  enum Numbering {
    AT_ONCE,
    /** One alone with the commit; more than one at once, as writing each twice costs more. */
    LAST
  }

  private record Numbered(Invoice invoice, String series, @Nullable Long ordinal) {}

  private record Waiting(Invoice draft, String series) {}

  /**
   * Stores composed documents as final ones at once; answers them as they then are.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  List<Invoice> store(Transaction tx, List<Draft> drafts, Numbering numbering) {
    List<Draft> sorted =
        drafts.stream()
            .sorted(Comparator.comparing(draft -> draft.details().invoice().id()))
            .toList();
    List<Waiting> waiting =
        sorted.stream()
            .filter(draft -> !draft.isClosed())
            .map(draft -> new Waiting(draft.details().invoice(), draft.series()))
            .toList();
    List<Invoice> unsettled = waiting.stream().map(Waiting::draft).toList();
    InvoiceInserts.insertParts(tx, sorted);
    Map<String, Money> credits = applyBalances(tx, unsettled);
    Map<String, Money> wallets = applyWallets(tx, unsettled, credits);
    Given given = new Given(credits, wallets);
    Map<String, Numbered> numbered = new HashMap<>();
    List<Numbered> all =
        numbering == Numbering.LAST && waiting.size() == 1
            ? List.of(numberLast(tx, waiting.getFirst(), given))
            : number(tx, waiting, given);
    all.forEach(one -> numbered.put(one.invoice().id(), one));
    List<InvoiceInserts.Head> heads = new ArrayList<>();
    for (Draft draft : sorted) {
      Invoice made = draft.details().invoice();
      if (draft.isClosed()) {
        heads.add(new InvoiceInserts.Head(draft, made.with(InvoiceStatus.CLOSED, null), null));
        continue;
      }
      Numbered one = Objects.requireNonNull(numbered.get(made.id()));
      heads.add(new InvoiceInserts.Head(draft.in(one.series()), one.invoice(), one.ordinal()));
    }
    InvoiceInserts.insertHeads(tx, heads);
    unsettled.forEach(invoice -> move(tx, invoice, credits));
    return heads.stream().map(InvoiceInserts.Head::invoice).toList();
  }

  /** Makes those of the invoices final that are drafts; answers them as they now are. */
  List<Invoice> run(Transaction tx, List<String> ids) {
    List<Waiting> drafts =
        tx.list(
            "SELECT "
                + InvoiceStore.COLUMNS
                + ", series FROM invoices WHERE id = ANY($1::text[]) AND status = 'DRAFT'"
                + " ORDER BY id FOR UPDATE",
            row -> new Waiting(InvoiceStore.invoice(row), row.text("series")),
            (Object) ids.toArray(String[]::new));
    if (drafts.isEmpty()) {
      return List.of();
    }
    List<Invoice> unsettled = drafts.stream().map(Waiting::draft).toList();
    Map<String, Money> credits = applyBalances(tx, unsettled);
    Map<String, Money> wallets = applyWallets(tx, unsettled, credits);
    List<Numbered> numbered = number(tx, drafts, new Given(credits, wallets));
    unsettled.forEach(invoice -> move(tx, invoice, credits));
    tx.send(
        WRITE,
        Unnest.texts(numbered, n -> n.invoice().id()),
        Unnest.texts(numbered, n -> n.invoice().status().name()),
        numbered.stream().map(Numbered::ordinal).toArray(Long[]::new),
        Unnest.texts(numbered, n -> n.invoice().number()),
        Unnest.texts(numbered, n -> InvoiceStore.plain(n.invoice().settled().credited())),
        Unnest.texts(numbered, n -> InvoiceStore.plain(n.invoice().settled().wallet())),
        Unnest.texts(numbered, Numbered::series));
    return numbered.stream().map(Numbered::invoice).toList();
  }

  /** By invoice, what was given towards it. */
  private record Given(Map<String, Money> credits, Map<String, Money> wallets) {
    Invoice.Settled to(Invoice draft) {
      Money zero = Money.zero(draft.currency());
      return new Invoice.Settled(
          draft.settled().paid(),
          credits.getOrDefault(draft.id(), zero),
          wallets.getOrDefault(draft.id(), zero));
    }
  }

  /** By invoice, what prepaid money pays of what balances have left. */
  private Map<String, Money> applyWallets(
      Transaction tx, List<Invoice> drafts, Map<String, Money> credits) {
    List<Wallets.Due> dues = new ArrayList<>();
    for (Invoice draft : drafts) {
      Money credit = credits.getOrDefault(draft.id(), Money.zero(draft.currency()));
      Money due = draft.totals().total().minus(credit);
      if (due.isPositive()) {
        dues.add(new Wallets.Due(draft.id(), draft.tenant(), due, draft.issuedAt()));
      }
    }
    return dues.isEmpty() ? Map.of() : prepaid.pay(tx, dues);
  }

  /** By invoice, what its tenant's balance pays of it. */
  private Map<String, Money> applyBalances(Transaction tx, List<Invoice> drafts) {
    Map<String, Money> credits = new HashMap<>();
    Map<CurrencyUnit, List<Invoice>> byCurrency =
        drafts.stream().collect(Collectors.groupingBy(Invoice::currency));
    byCurrency.forEach(
        (currency, invoices) -> {
          List<String> tenants = invoices.stream().map(Invoice::tenant).distinct().toList();
          Map<String, Money> balances = settlements.balances(tx, tenants, currency);
          for (Invoice invoice : invoices) {
            credits.put(invoice.id(), applied(invoice, balances));
          }
        });
    return credits;
  }

  private static Money applied(Invoice invoice, Map<String, Money> balances) {
    Money total = invoice.totals().total();
    Money balance = balances.get(invoice.tenant());
    if (balance == null || !total.isPositive()) {
      return Money.zero(invoice.currency());
    }
    Money applied = balance.isLessThan(total) ? balance : total;
    balances.put(invoice.tenant(), balance.minus(applied));
    return applied;
  }

  /** Takes from the balance what it pays of an invoice; a negative total goes to it. */
  private void move(Transaction tx, Invoice invoice, Map<String, Money> credits) {
    Money applied = credits.getOrDefault(invoice.id(), Money.zero(invoice.currency()));
    Money change = invoice.givesBack() ? invoice.totals().total().negated() : applied.negated();
    settlements.addToBalance(
        tx,
        new Entry(
            Kind.BALANCE,
            invoice.tenant(),
            invoice.id(),
            change,
            "final:" + invoice.id(),
            invoice.issuedAt()));
  }

  private static List<Numbered> number(Transaction tx, List<Waiting> drafts, Given given) {
    Map<String, Long> counts =
        drafts.stream().collect(Collectors.groupingBy(Waiting::series, Collectors.counting()));
    Map<String, Numbers.Taken> taken = counts.isEmpty() ? Map.of() : Numbers.take(tx, counts);
    Map<String, Long> used = new HashMap<>();
    List<Numbered> numbered = new ArrayList<>();
    for (Waiting one : drafts) {
      Numbers.Taken series = Objects.requireNonNull(taken.get(one.series()));
      long ordinal = used.merge(series.series(), 1L, Long::sum) - 1 + series.first();
      String number = Numbers.number(series.series(), ordinal);
      Invoice settled = finalized(one.draft(), number, given.to(one.draft()));
      numbered.add(new Numbered(settled, series.series(), ordinal));
    }
    return numbered;
  }

  private static Numbered numberLast(Transaction tx, Waiting one, Given given) {
    Numbers.giveLast(tx, one.series(), one.draft().id());
    return new Numbered(finalized(one.draft(), null, given.to(one.draft())), one.series(), null);
  }

  private static Invoice finalized(
      Invoice draft, @Nullable String number, Invoice.Settled settled) {
    Money due = draft.totals().total().minus(settled.credited()).minus(settled.wallet());
    return draft
        .with(due.isPositive() ? InvoiceStatus.OPEN : InvoiceStatus.PAID, number)
        .with(settled);
  }
}
