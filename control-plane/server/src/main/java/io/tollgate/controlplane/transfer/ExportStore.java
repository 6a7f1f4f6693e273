package io.tollgate.controlplane.transfer;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The tables as they are exported, page by page in an order that stays. It reads other rooms'
 * tables, and only reads: a page of one query each, in the caller's scope.
 */
final class ExportStore {
  private static final String TENANTS =
      """
      SELECT t.tenant AS place, t.tenant, name, zone, currency, c.clock,
        billing->>'name' AS legal_name,
        (SELECT string_agg(line, E'\\n' ORDER BY n)
          FROM jsonb_array_elements_text(billing->'address') WITH ORDINALITY AS a (line, n))
          AS address,
        billing->>'country' AS country, billing->>'region' AS region, billing->>'city' AS city,
        billing->>'postalCode' AS postal_code, billing->>'gstin' AS gstin,
        billing->>'pan' AS pan, billing->>'taxId' AS tax_id,
        billing->>'taxExemption' AS exemption, billing->>'reverseCharge' AS reverse_charge,
        billing->>'email' AS email, billing->>'language' AS language, created_at, archived_at
      FROM tenants t LEFT JOIN tenant_clocks c ON c.tenant = t.tenant
      WHERE t.tenant > $1 AND ($2::text IS NULL OR t.tenant = $2) ORDER BY t.tenant LIMIT $3
      """;

  /** An hour's units that are no single transactions, before those that are; many are all one. */
  private static final String USAGE =
      """
      SELECT h.tenant || ' ' || to_char(h.start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || ' ' || u.number || ' ' || h.meter AS place,
        h.tenant, h.meter, u.units, u.number, h.start
      FROM usage_hours h CROSS JOIN LATERAL (
        SELECT 0 AS number, h.units - coalesce(sum(t.units), 0)::bigint AS units,
          count(*) > 0 AND h.units = sum(t.units) AS told
        FROM usage_transactions t
        WHERE t.tenant = h.tenant AND t.meter = h.meter AND t.start = h.start
        UNION ALL
        SELECT t.id, t.units, false FROM usage_transactions t
        WHERE t.tenant = h.tenant AND t.meter = h.meter AND t.start = h.start
      ) u
      WHERE (h.tenant, h.start, h.meter) >= ($4, $5::timestamptz, $6)
        AND ((h.tenant, h.start, h.meter) > ($4, $5::timestamptz, $6) OR u.number > $7)
        AND ($2::text IS NULL OR h.tenant = $2) AND $1 <> '*' AND NOT u.told
      ORDER BY h.tenant, h.start, h.meter, u.number LIMIT $3
      """;

  private static final String INVOICES =
      """
      SELECT i.id AS place, i.*, of.number AS of_number, i.credited + i.wallet AS settled_otherwise
      FROM invoices i LEFT JOIN invoices of ON of.id = i.corrects
      WHERE i.id > $1 AND ($2::text IS NULL OR i.tenant = $2) AND i.status <> 'CLOSED'
      ORDER BY i.id LIMIT $3
      """;

  private static final String LINES =
      """
      SELECT l.invoice || ' ' || l.position AS place, l.* FROM invoice_lines l
      WHERE (l.invoice, l.position) > ($1, $4::int) AND ($2::text IS NULL OR l.tenant = $2)
      ORDER BY l.invoice, l.position LIMIT $3
      """;

  private ExportStore() {}

  /**
   * A row on its way out.
   *
   * @param place where it stands in the order
   * @param cells as text, in the order of the columns; null for nothing
   */
  record Out(String place, List<@Nullable String> cells) {}

  static List<Out> tenants(Transaction tx, String after, @Nullable String tenant, int most) {
    return tx.list(TENANTS, ExportStore::tenant, after, tenant, most);
  }

  static List<Out> usage(Transaction tx, String after, @Nullable String tenant, int most) {
    String[] place = after.isEmpty() ? new String[] {"", "", "0", ""} : after.split(" ", 4);
    Instant start = place[1].isEmpty() ? Instant.EPOCH : Instant.parse(place[1] + "Z");
    long number = Long.parseLong(place[2]);
    return tx.list(
        USAGE, ExportStore::usage, after, tenant, most, place[0], start, place[3], number);
  }

  static List<Out> invoices(Transaction tx, String after, @Nullable String tenant, int most) {
    return tx.list(INVOICES, ExportStore::invoice, after, tenant, most);
  }

  static List<Out> lines(Transaction tx, String after, @Nullable String tenant, int most) {
    String[] place = after.isEmpty() ? new String[] {"", "0"} : after.split(" ", 2);
    return tx.list(LINES, ExportStore::line, place[0], tenant, most, Integer.parseInt(place[1]));
  }

  private static Out tenant(Row row) {
    return out(
        row,
        texts(
            row,
            "tenant",
            "name",
            "zone",
            "currency",
            "clock",
            "legal_name",
            "address",
            "country",
            "region",
            "city",
            "postal_code",
            "gstin",
            "pan",
            "tax_id",
            "exemption",
            "reverse_charge",
            "email",
            "language"),
        instants(row, "created_at", "archived_at"));
  }

  private static Out usage(Row row) {
    Instant start = row.instant("start");
    List<@Nullable String> cells = texts(row, "tenant", "meter");
    cells.add(String.valueOf(row.whole("units")));
    long number = row.whole("number");
    String hour = "export:" + row.text("meter") + ":" + start;
    cells.add(number == 0 ? hour : hour + ":" + number);
    cells.add(start.toString());
    cells.add(String.valueOf(number != 0));
    return new Out(row.text("place"), cells);
  }

  private static Out invoice(Row row) {
    return out(
        row,
        texts(row, "id", "number", "tenant", "kind", "status"),
        List.of(row.date("issued_on").toString(), row.date("due_on").toString()),
        instants(row, "period_start", "period_end"),
        texts(row, "currency"),
        money(row, "subtotal", "tax", "total", "paid", "settled_otherwise"),
        texts(row, "of_number"));
  }

  private static Out line(Row row) {
    return out(
        row,
        texts(row, "invoice"),
        List.of(String.valueOf(row.integer("position"))),
        texts(row, "tenant", "subscription", "kind", "item", "meter", "description"),
        instants(row, "period_start", "period_end"),
        decimals(row, "quantity"),
        texts(row, "unit_price"),
        decimals(row, "amount", "tax"));
  }

  @SafeVarargs
  private static Out out(Row row, List<@Nullable String>... parts) {
    List<@Nullable String> cells = new ArrayList<>();
    for (List<@Nullable String> part : parts) {
      cells.addAll(part);
    }
    return new Out(row.text("place"), cells);
  }

  private static List<@Nullable String> texts(Row row, String... columns) {
    return each(columns, row::findText);
  }

  private static List<@Nullable String> instants(Row row, String... columns) {
    return each(
        columns,
        column -> {
          Instant at = row.findInstant(column);
          return at == null ? null : at.toString();
        });
  }

  private static List<@Nullable String> decimals(Row row, String... columns) {
    return each(
        columns,
        column -> {
          BigDecimal value = row.decimal(column);
          return value.toPlainString();
        });
  }

  /** Amounts with all the decimals of the row's currency. */
  private static List<@Nullable String> money(Row row, String... columns) {
    CurrencyUnit currency = CurrencyUnit.of(row.text("currency"));
    return each(
        columns, column -> Money.of(currency, row.decimal(column)).getAmount().toPlainString());
  }

  private static List<@Nullable String> each(
      String[] columns, Function<String, @Nullable String> cell) {
    List<@Nullable String> cells = new ArrayList<>();
    for (String column : columns) {
      cells.add(cell.apply(column));
    }
    return cells;
  }
}
