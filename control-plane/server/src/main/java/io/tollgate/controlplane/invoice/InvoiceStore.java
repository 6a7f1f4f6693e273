package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Invoices as they are read from PostgreSQL, and locked. {@link InvoiceInserts} writes them. */
final class InvoiceStore {
  static final String COLUMNS =
      "id, tenant, kind, status, number, subscriptions, period_start, period_end, issued_at,"
          + " issued_on, due_at, due_on, currency, subtotal, tax, total, paid, credited, wallet,"
          + " corrects";

  /**
   * Of each tenant the last final documents that a catalog's bills made, newest first.
   *
   * @param skip how many of the newest of each tenant to pass over
   */
  static List<Invoice> last(
      Transaction tx, Collection<String> tenants, String catalog, int skip, int count) {
    return tx.list(
        "SELECT i.* FROM unnest($1::text[]) AS t (tenant) CROSS JOIN LATERAL (SELECT "
            + COLUMNS
            + " FROM invoices WHERE tenant = t.tenant AND status IN ('OPEN', 'PAID', 'CLOSED')"
            + " AND corrects IS NULL AND starts_with(series, $2)"
            + " ORDER BY id DESC OFFSET $3 LIMIT $4) AS i",
        InvoiceStore::invoice,
        tenants.toArray(String[]::new),
        catalog + "/",
        skip,
        count);
  }

  /** One invoice; empty where there is none in the transaction's scope. */
  Optional<Invoice> find(Transaction tx, String id) {
    return tx.first(
        "SELECT " + COLUMNS + " FROM invoices WHERE id = $1", InvoiceStore::invoice, id);
  }

  /** One invoice, which no other transaction changes until this one ends. */
  Optional<Invoice> lock(Transaction tx, String id) {
    return tx.first(
        "SELECT " + COLUMNS + " FROM invoices WHERE id = $1 FOR UPDATE", InvoiceStore::invoice, id);
  }

  /**
   * An invoice's tenant's open ones in its currency, oldest first, that one among them where it is
   * open; locked together, so that two payments never wait for each other.
   */
  List<Invoice> lockOpen(Transaction tx, String id) {
    List<Invoice> locked =
        tx.list(
            "SELECT "
                + COLUMNS
                + " FROM invoices WHERE (tenant, currency) ="
                + " (SELECT tenant, currency FROM invoices WHERE id = $1)"
                + " AND status = 'OPEN' AND NOT starts_with(series, 'imported/')"
                + " ORDER BY id FOR UPDATE",
            InvoiceStore::invoice,
            id);
    return locked.stream()
        .sorted(Comparator.comparing(Invoice::issuedAt).thenComparing(Invoice::id))
        .toList();
  }

  /**
   * The invoices that charged for the time a note of a change gives back, and are open or were paid
   * by a wallet, locked, oldest first. What a change charged was paid by what it gave back first,
   * so that behind its document stand those that charged for that.
   */
  List<Invoice> lockCharging(Transaction tx, Invoice note) {
    return tx.list(
        "WITH RECURSIVE behind (invoice) AS (SELECT $1::text UNION"
            + " SELECT charged.invoice FROM behind JOIN invoice_lines given"
            + " ON given.invoice = behind.invoice"
            + " AND (given.kind = 'PRORATION_CREDIT' OR given.netted > 0"
            + " OR (given.kind = 'USAGE' AND given.amount < 0))"
            + " JOIN invoice_lines charged ON charged.subscription = given.subscription"
            + " AND (charged.source = given.source OR given.netted > 0)"
            + " AND (given.period_start IS NULL"
            + " OR (charged.period_start < given.period_end"
            + " AND charged.period_end > given.period_start))"
            + " JOIN invoices document ON document.id = charged.invoice"
            + " AND document.status NOT IN ('DRAFT', 'VOID')) SELECT "
            + COLUMNS
            + " FROM invoices WHERE tenant = $2 AND currency = $3 AND (status = 'OPEN' OR (status ="
            + " 'PAID' AND wallet > 0)) AND id IN (SELECT invoice FROM behind) ORDER BY issued_at,"
            + " id FOR UPDATE",
        InvoiceStore::invoice,
        note.id(),
        note.tenant(),
        note.currency().getCode());
  }

  /** One invoice with its lines. */
  static Optional<InvoiceDetails> details(Transaction tx, String id) {
    return details(tx, "id = $1", id).stream().findFirst();
  }

  /** All of a tenant's documents that are shown, with their lines, oldest first. */
  static List<InvoiceDetails> all(Transaction tx, String tenant) {
    return details(tx, "tenant = $1 AND shown", tenant);
  }

  /** With two statements, however many there are. */
  private static List<InvoiceDetails> details(Transaction tx, String which, String argument) {
    Map<String, Invoice> invoices = new LinkedHashMap<>();
    Map<String, String> prints = new HashMap<>();
    tx.list(
        "SELECT "
            + COLUMNS
            + ", print::text AS print_text FROM invoices WHERE "
            + which
            + " ORDER BY issued_at, id",
        row -> {
          Invoice invoice = invoice(row);
          prints.put(invoice.id(), row.text("print_text"));
          return invoices.put(invoice.id(), invoice);
        },
        argument);
    Map<String, List<InvoiceLine>> lines = lines(tx, invoices);
    return invoices.values().stream()
        .map(
            invoice ->
                InvoiceJson.details(
                    invoice,
                    lines.getOrDefault(invoice.id(), List.of()),
                    Objects.requireNonNull(prints.get(invoice.id()))))
        .toList();
  }

  /** The lines of a document. */
  static List<InvoiceLine> lines(Transaction tx, Invoice invoice) {
    return lines(tx, Map.of(invoice.id(), invoice)).getOrDefault(invoice.id(), List.of());
  }

  private static Map<String, List<InvoiceLine>> lines(
      Transaction tx, Map<String, Invoice> invoices) {
    Map<String, List<InvoiceLine>> lines = new HashMap<>();
    if (invoices.isEmpty()) {
      return lines;
    }
    tx.list(
        "SELECT *, taxes::text AS taxes_text, netted_taxes::text AS netted_taxes_text"
            + " FROM invoice_lines WHERE invoice = ANY ($1::text[]) ORDER BY invoice, position",
        row -> {
          Invoice of = Objects.requireNonNull(invoices.get(row.text("invoice")));
          return lines
              .computeIfAbsent(of.id(), id -> new ArrayList<>())
              .add(line(row, of.currency()));
        },
        (Object) invoices.keySet().toArray(String[]::new));
    return lines;
  }

  /** The lines of the credit notes of an invoice. */
  static List<InvoiceLine> takenBack(Transaction tx, Invoice invoice) {
    return tx.list(
        "SELECT l.*, l.taxes::text AS taxes_text, NULL::text AS netted_taxes_text"
            + " FROM invoices n JOIN invoice_lines l ON l.invoice = n.id WHERE n.corrects = $1"
            + " ORDER BY n.id, l.position",
        row -> line(row, invoice.currency()),
        invoice.id());
  }

  /** Those of the invoices that are there. */
  List<Invoice> find(Transaction tx, Collection<String> ids) {
    return tx.list(
        "SELECT " + COLUMNS + " FROM invoices WHERE id = ANY ($1::text[]) ORDER BY id",
        InvoiceStore::invoice,
        (Object) ids.toArray(String[]::new));
  }

  /** The document that was brought under a number; empty where none was. */
  static Optional<String> numbered(Transaction tx, String series, String number) {
    return tx.first(
        "SELECT id FROM invoices WHERE series = $1 AND number = $2"
            + " AND series IN ('imported/INV', 'imported/CN')",
        row -> row.text("id"),
        series,
        number);
  }

  private static final String OPEN =
      "SELECT "
          + COLUMNS
          + " FROM invoices WHERE tenant = ANY ($1::text[]) AND status = 'OPEN'"
          + " AND NOT starts_with(series, 'imported/') ORDER BY issued_at, id";

  /** Tenants' invoices with an amount due, oldest first, those that were brought apart. */
  List<Invoice> open(Transaction tx, Collection<String> tenants) {
    return tx.list(OPEN, InvoiceStore::invoice, (Object) tenants.toArray(String[]::new));
  }

  /** Asks ahead what {@link #open} does of one tenant. */
  static void foreseeOpen(Transaction tx, String tenant) {
    tx.foresee(OPEN, (Object) new String[] {tenant});
  }

  /** Invoices, newest first. */
  static List<Invoice> list(Transaction tx, InvoiceFilter filter, PageRequest page) {
    return tx.list(
        "SELECT "
            + COLUMNS
            + " FROM invoices WHERE ($1::text IS NULL OR tenant = $1)"
            + " AND (($2::text IS NULL AND shown) OR status = $2)"
            + " AND ($3::text IS NULL OR $3 = ANY(subscriptions))"
            + " AND ($4::text IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        InvoiceStore::invoice,
        filter.tenant(),
        filter.status(),
        filter.subscription(),
        page.after(),
        page.fetch());
  }

  /** When the last invoice of a tenant that is neither draft nor void nor brought was issued. */
  static Optional<Instant> lastFinal(Transaction tx, String tenant) {
    return tx.first(
        "SELECT issued_at FROM invoices WHERE tenant = $1 AND kind = 'INVOICE' AND status IN"
            + " ('OPEN', 'PAID', 'CLOSED') AND NOT starts_with(series, 'imported/') ORDER BY"
            + " issued_at DESC LIMIT 1",
        row -> row.instant("issued_at"),
        tenant);
  }

  /** The series of its number. */
  String seriesOf(Transaction tx, String id) {
    return tx.one("SELECT series FROM invoices WHERE id = $1", row -> row.text("series"), id);
  }

  /** Withdraws an invoice; what it claimed can be claimed again. */
  void makeVoid(Transaction tx, String id, String reason) {
    tx.execute(
        "UPDATE invoices SET status = 'VOID', credited = 0, wallet = 0, void_reason = $2 WHERE id ="
            + " $1",
        id,
        reason);
    tx.execute("DELETE FROM invoice_claims WHERE invoice = $1", id);
    tx.execute("UPDATE invoice_one_offs SET invoice = NULL WHERE invoice = $1", id);
    Missing.added(tx, "invoice_one_offs");
  }

  static Invoice invoice(Row row) {
    CurrencyUnit currency = CurrencyUnit.of(row.text("currency"));
    return new Invoice(
        row.text("id"),
        row.text("tenant"),
        DocumentKind.valueOf(row.text("kind")),
        InvoiceStatus.valueOf(row.text("status")),
        row.findText("number"),
        row.texts("subscriptions"),
        new Period(row.instant("period_start"), row.instant("period_end")),
        row.instant("issued_at"),
        row.date("issued_on"),
        row.instant("due_at"),
        row.date("due_on"),
        new Invoice.Totals(
            money(currency, row.decimal("subtotal")),
            money(currency, row.decimal("tax")),
            money(currency, row.decimal("total"))),
        new Invoice.Settled(
            money(currency, row.decimal("paid")),
            money(currency, row.decimal("credited")),
            money(currency, row.decimal("wallet"))),
        row.findText("corrects"));
  }

  static InvoiceLine line(Row row, CurrencyUnit currency) {
    Instant start = row.findInstant("period_start");
    Instant end = row.findInstant("period_end");
    Long of = row.findWhole("of_position");
    return new InvoiceLine(
        row.integer("position"),
        Charge.of(row.text("kind"), row.text("item"), row.findText("meter")),
        row.findText("subscription"),
        row.findText("source"),
        row.text("description"),
        row.text("detail"),
        start == null || end == null ? null : new Period(start, end),
        row.decimal("quantity"),
        row.text("unit_price"),
        money(currency, row.decimal("amount")),
        InvoiceJson.taxes(row.findText("taxes_text"), currency),
        of == null ? null : Math.toIntExact(of),
        netted(row, currency),
        granted(row, currency));
  }

  private static @Nullable Money granted(Row row, CurrencyUnit currency) {
    BigDecimal granted = row.findDecimal("granted");
    return granted == null ? null : money(currency, granted);
  }

  private static InvoiceLine.@Nullable Netted netted(Row row, CurrencyUnit currency) {
    Money amount = money(currency, row.decimal("netted"));
    BigDecimal net = row.findDecimal("netted_net");
    return amount.isZero()
        ? null
        : new InvoiceLine.Netted(
            row.findText("netted_source"),
            amount,
            net == null ? null : money(currency, net),
            InvoiceJson.taxes(row.findText("netted_taxes_text"), currency));
  }

  static Money money(CurrencyUnit currency, BigDecimal amount) {
    return Money.of(currency, amount);
  }

  static String plain(Money money) {
    return money.getAmount().toPlainString();
  }
}
