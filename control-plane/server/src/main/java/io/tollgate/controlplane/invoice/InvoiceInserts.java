package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Policies.ZeroInvoices;
import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * How documents come into PostgreSQL: in batches, one statement a table whatever their number.
 * Decimals travel as text inside arrays, so that they arrive exactly.
 */
final class InvoiceInserts {
  private static final String INSERT_INVOICES =
      """
      INSERT INTO invoices (id, tenant, kind, status, series, subscriptions, period_start,
        period_end, issued_at, issued_on, due_at, due_on, currency, subtotal, tax, total, corrects,
        print, ordinal, number, credited, wallet, shown, waits_for)
      SELECT id, tenant, kind, status, series, string_to_array(subscriptions, ','), period_start,
        period_end, issued_at, issued_on, due_at, due_on, currency, subtotal::numeric,
        tax::numeric, total::numeric, corrects, print::json, ordinal, number, credited::numeric,
        wallet::numeric, shown, waits_for
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
        $7::timestamptz[], $8::timestamptz[], $9::date[], $10::timestamptz[], $11::date[],
        $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
        $19::bigint[], $20::text[], $21::text[], $22::text[], $23::boolean[], $24::text[])
        AS d (id, tenant, kind, series, subscriptions, period_start, period_end, issued_at,
        issued_on, due_at, due_on, currency, subtotal, tax, total, corrects, print, status, ordinal,
        number, credited, wallet, shown, waits_for)
      """;

  private static final String INSERT_PARTS =
      """
      WITH lines AS (INSERT INTO invoice_lines (invoice, tenant, position, kind, item, meter, subscription, source,
        description, detail, period_start, period_end, quantity, unit_price, amount, tax, taxes,
        of_position, netted, netted_source, netted_net, netted_tax, netted_taxes, granted)
      SELECT invoice, tenant, position, kind, item, meter, subscription, source, description,
        detail, period_start, period_end, quantity::numeric, unit_price, amount::numeric, tax::numeric, taxes::json,
        of_position, netted::numeric, netted_source, netted_net::numeric, netted_tax::numeric,
        netted_taxes::json, granted::numeric
      FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
        $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[],
        $20::text[], $21::text[], $22::text[], $23::text[], $24::text[])
        AS l (invoice, tenant, position, kind, item, meter, subscription, source, description,
        detail, period_start, period_end, quantity, unit_price, amount, tax, taxes, of_position,
        netted, netted_source, netted_net, netted_tax, netted_taxes, granted))
      INSERT INTO invoice_claims (subscription, kind, period_start, tenant, invoice, revision)
      SELECT * FROM unnest($25::text[], $26::text[], $27::timestamptz[], $28::text[],
        $29::text[], $30::bigint[])
      """;

  private InvoiceInserts() {}

  private record Placed(InvoiceDetails details, InvoiceLine line) {}

  /**
   * A document as it is stored.
   *
   * @param invoice as it now is: a draft, or final
   * @param ordinal its place in the series; null for a draft
   */
  record Head(Draft draft, Invoice invoice, @Nullable Long ordinal) {
    static Head of(Draft draft) {
      return new Head(draft, draft.details().invoice(), null);
    }

    /** Whether lists show it to whoever does not ask for closed ones. */
    Boolean isShown() {
      return invoice.status() != InvoiceStatus.CLOSED || draft.zero() != ZeroInvoices.SKIP;
    }
  }

  /**
   * Stores drafts with their lines and claims.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  static void insert(Transaction tx, List<Draft> drafts) {
    insertParts(tx, drafts);
    insertHeads(tx, drafts.stream().map(Head::of).toList());
  }

  /**
   * Stores lines and claims, to which {@link #insertHeads} adds their invoices.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of the claims is taken
   */
  static void insertParts(Transaction tx, List<Draft> drafts) {
    if (!drafts.isEmpty()) {
      insertParts(
          tx,
          drafts.stream()
              .map(Draft::details)
              .flatMap(details -> details.lines().stream().map(line -> new Placed(details, line)))
              .toList(),
          Claims.claiming(drafts));
    }
  }

  /** Stores the documents whose parts are stored; lines of final ones stay as they are. */
  static void insertHeads(Transaction tx, List<Head> heads) {
    if (heads.isEmpty()) {
      return;
    }
    if (heads.stream().anyMatch(head -> head.draft().waits() != null)) {
      Missing.added(tx, "invoices.waits_for");
    }
    Function<Function<Invoice, @Nullable String>, @Nullable String[]> texts =
        value -> Unnest.texts(heads, head -> value.apply(head.invoice()));
    Function<Function<Invoice, Instant>, Instant[]> instants =
        value -> Unnest.instants(heads, head -> value.apply(head.invoice()));
    tx.send(
        INSERT_INVOICES,
        texts.apply(Invoice::id),
        texts.apply(Invoice::tenant),
        texts.apply(invoice -> invoice.kind().name()),
        Unnest.texts(heads, head -> head.draft().series()),
        texts.apply(invoice -> String.join(",", invoice.subscriptions())),
        instants.apply(invoice -> invoice.period().start()),
        instants.apply(invoice -> invoice.period().end()),
        instants.apply(Invoice::issuedAt),
        heads.stream().map(head -> head.invoice().issuedOn()).toArray(LocalDate[]::new),
        instants.apply(Invoice::dueAt),
        heads.stream().map(head -> head.invoice().dueOn()).toArray(LocalDate[]::new),
        texts.apply(invoice -> invoice.currency().getCode()),
        texts.apply(invoice -> InvoiceStore.plain(invoice.totals().subtotal())),
        texts.apply(invoice -> InvoiceStore.plain(invoice.totals().tax())),
        texts.apply(invoice -> InvoiceStore.plain(invoice.totals().total())),
        texts.apply(Invoice::corrects),
        Unnest.texts(heads, head -> InvoiceJson.print(head.draft().details())),
        texts.apply(invoice -> invoice.status().name()),
        heads.stream().map(Head::ordinal).toArray(Long[]::new),
        texts.apply(Invoice::number),
        texts.apply(invoice -> InvoiceStore.plain(invoice.settled().credited())),
        texts.apply(invoice -> InvoiceStore.plain(invoice.settled().wallet())),
        heads.stream().map(Head::isShown).toArray(Boolean[]::new),
        Unnest.texts(
            heads, head -> head.draft().waits() == null ? null : head.draft().waits().name()));
  }

  private static void insertParts(
      Transaction tx, List<Placed> lines, List<Claims.Claiming> claims) {
    Function<Function<InvoiceLine, @Nullable String>, @Nullable String[]> texts =
        value -> Unnest.texts(lines, placed -> value.apply(placed.line()));
    tx.send(
        INSERT_PARTS,
        Unnest.texts(lines, placed -> placed.details().invoice().id()),
        Unnest.texts(lines, placed -> placed.details().invoice().tenant()),
        lines.stream().map(placed -> placed.line().position()).toArray(Integer[]::new),
        texts.apply(line -> line.charge().kind()),
        texts.apply(line -> line.charge().item()),
        texts.apply(line -> line.charge().meterOrNull()),
        texts.apply(InvoiceLine::subscription),
        texts.apply(InvoiceLine::source),
        texts.apply(InvoiceLine::description),
        texts.apply(InvoiceLine::detail),
        Unnest.instants(lines, placed -> start(placed.line().period())),
        Unnest.instants(lines, placed -> end(placed.line().period())),
        texts.apply(line -> line.quantity().toPlainString()),
        texts.apply(InvoiceLine::unitPrice),
        texts.apply(line -> InvoiceStore.plain(line.amount())),
        texts.apply(line -> InvoiceStore.plain(line.tax())),
        texts.apply(line -> InvoiceJson.taxes(line.taxes())),
        lines.stream().map(placed -> placed.line().of()).toArray(Integer[]::new),
        texts.apply(
            line -> line.netted() == null ? "0" : InvoiceStore.plain(line.netted().amount())),
        texts.apply(line -> line.netted() == null ? null : line.netted().source()),
        texts.apply(line -> nettedNet(line.netted())),
        texts.apply(line -> nettedTax(line.netted())),
        texts.apply(
            line -> line.netted() == null ? null : InvoiceJson.taxes(line.netted().taxes())),
        texts.apply(line -> line.granted() == null ? null : InvoiceStore.plain(line.granted())),
        Unnest.texts(claims, claimed -> claimed.claim().subscription()),
        Unnest.texts(claims, claimed -> claimed.claim().kind()),
        Unnest.instants(claims, claimed -> claimed.claim().start()),
        Unnest.texts(claims, claimed -> claimed.draft().details().invoice().tenant()),
        Unnest.texts(claims, claimed -> claimed.draft().details().invoice().id()),
        claims.stream().map(claimed -> claimed.claim().revision()).toArray(Long[]::new));
  }

  private static @Nullable String nettedNet(InvoiceLine.@Nullable Netted netted) {
    return netted == null || netted.net() == null ? null : InvoiceStore.plain(netted.net());
  }

  private static @Nullable String nettedTax(InvoiceLine.@Nullable Netted netted) {
    if (netted == null || netted.net() == null) {
      return null;
    }
    Money sum = Money.zero(netted.amount().getCurrencyUnit());
    for (InvoiceLine.TaxAmount tax : netted.taxes()) {
      sum = sum.plus(tax.amount());
    }
    return InvoiceStore.plain(sum);
  }

  private static @Nullable Instant start(@Nullable Period period) {
    return period == null ? null : period.start();
  }

  private static @Nullable Instant end(@Nullable Period period) {
    return period == null ? null : period.end();
  }
}
