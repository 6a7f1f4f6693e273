package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.money.Amounts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Entries of payments, refunds and credits, and the tenants' balances: all their SQL. */
final class SettlementStore {
  /** What the references of credits that a change set against an open invoice begin with. */
  static final String SET_OFF = "set-off:";

  private final Ids ids;

  SettlementStore(Ids ids) {
    this.ids = ids;
  }

  /** What an entry is. */
  enum Kind {
    PAYMENT,
    REFUND,
    CREDIT,
    BALANCE
  }

  record Entry(
      Kind kind,
      String tenant,
      @Nullable String invoice,
      Money amount,
      String reference,
      Instant at) {}

  /** Records an entry; false if its kind and reference were recorded before. */
  boolean record(Transaction tx, Entry entry) {
    return tx.execute(
            "INSERT INTO invoice_entries (id, tenant, invoice, kind, currency, amount, reference,"
                + " at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, reference) DO"
                + " NOTHING",
            ids.next("ent"),
            entry.tenant(),
            entry.invoice(),
            entry.kind(),
            entry.amount().getCurrencyUnit().getCode(),
            entry.amount().getAmount(),
            entry.reference(),
            entry.at())
        == 1;
  }

  /** Writes how far an invoice is settled. */
  void settle(Transaction tx, Invoice invoice) {
    tx.send(
        "UPDATE invoices SET status = $2, paid = $3, credited = $4, wallet = $5 WHERE id = $1",
        invoice.id(),
        invoice.status(),
        invoice.settled().paid().getAmount(),
        invoice.settled().credited().getAmount(),
        invoice.settled().wallet().getAmount());
  }

  /**
   * Adds to a tenant's balance; an amount below zero takes from it.
   *
   * @throws IllegalArgumentException if more is taken than is there
   */
  void addToBalance(Transaction tx, Entry entry) {
    if (entry.amount().isZero() || !record(tx, entry)) {
      return;
    }
    Missing.added(tx, balances(entry.amount().getCurrencyUnit()));
    String sql =
        entry.amount().isPositive()
            ? "INSERT INTO invoice_balances (tenant, currency, amount) VALUES ($1, $2, $3)"
                + " ON CONFLICT (tenant, currency)"
                + " DO UPDATE SET amount = invoice_balances.amount + EXCLUDED.amount"
            : "UPDATE invoice_balances SET amount = amount + $3"
                + " WHERE tenant = $1 AND currency = $2 AND amount + $3 >= 0";
    int changed =
        tx.execute(
            sql,
            entry.tenant(),
            entry.amount().getCurrencyUnit().getCode(),
            entry.amount().getAmount());
    if (changed == 0) {
      throw new IllegalArgumentException(
          "amount: the balance of " + entry.tenant() + " is below " + entry.amount().negated());
    }
  }

  private static final String BALANCE =
      "SELECT amount FROM invoice_balances WHERE tenant = $1 AND currency = $2";

  /** Asks ahead what {@link #balance} does. */
  static void foreseeBalance(Transaction tx, String tenant, CurrencyUnit currency) {
    tx.foresee(BALANCE, tenant, currency.getCode());
  }

  /** A tenant's balance in a currency as it is, not locked. */
  static Money balance(Transaction tx, String tenant, CurrencyUnit currency) {
    return tx.first(
            BALANCE, row -> Money.of(currency, row.decimal("amount")), tenant, currency.getCode())
        .orElseGet(() -> Money.zero(currency));
  }

  /** The balances over zero of some tenants in one currency, locked. */
  Map<String, Money> balances(Transaction tx, List<String> tenants, CurrencyUnit currency) {
    return Missing.among(
            tx,
            balances(currency),
            tenants,
            Map.Entry<String, Money>::getKey,
            asked ->
                tx.list(
                    "SELECT tenant, amount FROM invoice_balances WHERE tenant = ANY($1::text[])"
                        + " AND currency = $2 AND amount > 0 ORDER BY tenant FOR UPDATE",
                    row -> Map.entry(row.text("tenant"), Money.of(currency, row.decimal("amount"))),
                    asked,
                    currency.getCode()))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String balances(CurrencyUnit currency) {
    return "invoice_balances in " + currency.getCode();
  }

  /** What changes credited of an invoice before it was paid. */
  Money setOff(Transaction tx, Invoice invoice) {
    return tx.one(
        "SELECT coalesce(sum(amount), 0) AS total FROM invoice_entries WHERE invoice = $1"
            + " AND kind = 'CREDIT' AND starts_with(reference, $2)",
        row -> Money.of(invoice.currency(), row.decimal("total")),
        invoice.id(),
        SET_OFF);
  }

  /**
   * What changes credited of what an invoice charged, with tax, of each item at most what it
   * charged for it: set against the invoice while it was open, given to the balance, or taken up by
   * what the change charged.
   */
  Money changed(Transaction tx, Invoice invoice) {
    return Amounts.sum(changedBySource(tx, invoice).values(), invoice.currency());
  }

  /** {@link #changed} by the item or purchase that was charged. */
  Map<String, Money> changedBySource(Transaction tx, Invoice invoice) {
    return tx
        .list(
            """
            SELECT c.source, sum(least(c.charged, coalesce(g.given, 0))) AS total
            FROM (SELECT subscription, source, sum(amount + tax) AS charged,
                min(period_start) AS first, max(period_end) AS last
              FROM invoice_lines WHERE invoice = $1 AND source IS NOT NULL
                AND kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE', 'DISCOUNT')
              GROUP BY subscription, source HAVING sum(amount + tax) > 0) c
            CROSS JOIN LATERAL (SELECT sum(CASE WHEN l.netted_source = c.source
                  THEN coalesce(l.netted_net + l.netted_tax, l.netted) ELSE -l.amount - l.tax END)
                AS given
              FROM invoice_lines l JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID'
              WHERE l.subscription = c.subscription AND l.invoice <> $1
                AND (l.netted_source = c.source OR (l.source = c.source AND l.netted = 0
                  AND l.kind = 'PRORATION_CREDIT'))
                AND l.period_start < c.last AND l.period_end > c.first) g
            GROUP BY c.source
            """,
            row -> Map.entry(row.text("source"), money(row, invoice)),
            invoice.id())
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Money money(Row row, Invoice invoice) {
    return Money.of(invoice.currency(), row.decimal("total"));
  }

  /** What credit notes have taken back of an invoice. */
  Money takenBack(Transaction tx, Invoice invoice) {
    return tx.one(
        "SELECT coalesce(-sum(total), 0) AS total FROM invoices WHERE corrects = $1"
            + " AND status <> 'VOID'",
        row -> Money.of(invoice.currency(), row.decimal("total")),
        invoice.id());
  }
}
