package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The counters, their units by hour, and single events. */
final class UsageStore {
  private static final String RAISE =
      """
      WITH sent AS (
        SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[],
            $6::timestamptz[], $7::timestamptz[])
          AS s (tenant, meter, hour, total, start, ended)
      ), raised AS (
        INSERT INTO usage_totals AS t (source, tenant, meter, hour, total, previous)
        SELECT $1, tenant, meter, hour, total, 0 FROM sent ORDER BY tenant, meter, hour
        ON CONFLICT (source, tenant, meter, hour) DO UPDATE
          SET previous = t.total, total = excluded.total WHERE t.total < excluded.total
        RETURNING t.tenant, t.meter, t.hour, t.total - t.previous AS more
      ), booked AS (
        INSERT INTO usage_hours AS h (tenant, start, meter, units)
        SELECT tenant, sent.start, meter, sum(more)::bigint
          FROM raised JOIN sent USING (tenant, meter, hour)
          GROUP BY tenant, sent.start, meter ORDER BY tenant, sent.start, meter
        ON CONFLICT (tenant, start, meter) DO UPDATE SET units = h.units + excluded.units
        RETURNING 1
      ), late AS (
        INSERT INTO usage_late AS l (tenant, ended, meter, units, transactions)
        SELECT tenant, sent.ended, meter, sum(more)::bigint, 0
          FROM raised JOIN sent USING (tenant, meter, hour) WHERE sent.ended IS NOT NULL
          GROUP BY tenant, sent.ended, meter ORDER BY tenant, sent.ended, meter
        ON CONFLICT (tenant, ended, meter) DO UPDATE SET units = l.units + excluded.units
        RETURNING 1
      )
      SELECT coalesce(sum(more), 0)::bigint AS more FROM raised
      """;

  private UsageStore() {}

  /**
   * A counter's total and the row its rise is booked into.
   *
   * @param ended the end of the last period it is late for; null for most
   */
  record Rise(
      String tenant,
      String meter,
      Instant hour,
      long total,
      Instant row,
      @Nullable Instant ended) {}

  /** The number of a source, made where it is new. */
  static long source(Transaction tx, String name, String incarnation, long sequence, Instant now) {
    return tx.one(
        "INSERT INTO usage_sources AS s (name, incarnation, sequence, last_seen_at)"
            + " VALUES ($1, $2, $3, $4) ON CONFLICT (name, incarnation) DO UPDATE"
            + " SET sequence = greatest(s.sequence, $3), last_seen_at = $4 RETURNING id",
        row -> row.whole("id"),
        name,
        incarnation,
        sequence,
        now);
  }

  /**
   * Raises totals and books by how much they rose, in one statement. No two of the same counter.
   *
   * @return the units that were booked
   */
  static long raise(Transaction tx, long source, List<Rise> rises) {
    return tx.one(
        RAISE,
        row -> row.whole("more"),
        source,
        texts(rises.stream().map(Rise::tenant).toList()),
        texts(rises.stream().map(Rise::meter).toList()),
        rises.stream().map(Rise::hour).toArray(Instant[]::new),
        rises.stream().map(Rise::total).toArray(Long[]::new),
        rises.stream().map(Rise::row).toArray(Instant[]::new),
        rises.stream().map(Rise::ended).toArray(Instant[]::new));
  }

  /** Units of events to be added to their rows. */
  record Addition(String tenant, String meter, Instant row, long units) {}

  static void add(Transaction tx, List<Addition> additions) {
    tx.send(
        "INSERT INTO usage_hours AS h (tenant, start, meter, units)"
            + " SELECT tenant, start, meter, sum(units)::bigint FROM"
            + " unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[])"
            + " AS a (tenant, meter, start, units) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            + " ON CONFLICT (tenant, start, meter) DO UPDATE SET units = h.units + excluded.units",
        texts(additions.stream().map(Addition::tenant).toList()),
        texts(additions.stream().map(Addition::meter).toList()),
        additions.stream().map(Addition::row).toArray(Instant[]::new),
        additions.stream().map(Addition::units).toArray(Long[]::new));
  }

  /**
   * Claims an event's id; false if it was claimed before. Waits for a transaction that is just
   * claiming it.
   */
  static boolean claim(Transaction tx, UsageEvent event, BookedEvent booked, Instant now) {
    return tx.execute(
            "INSERT INTO usage_events (tenant, id, meter, delta, asked_at, booked_at, recorded_at)"
                + " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO NOTHING",
            event.tenant(),
            event.id(),
            event.meter(),
            event.delta(),
            event.at(),
            booked.at(),
            now)
        == 1;
  }

  /** An event as it was reported and booked. */
  record Recorded(UsageEvent event, BookedEvent booked) {}

  static Optional<Recorded> event(Transaction tx, String tenant, String id) {
    return tx.first(
        "SELECT meter, delta, asked_at, booked_at FROM usage_events WHERE tenant = $1 AND id = $2",
        row -> {
          String meter = row.text("meter");
          long delta = row.whole("delta");
          return new Recorded(
              new UsageEvent(tenant, meter, delta, id, row.findInstant("asked_at")),
              new BookedEvent(id, tenant, meter, delta, row.instant("booked_at")));
        },
        tenant,
        id);
  }

  /** Keeps billing of these tenants out until the transaction ends; booking shares the lock. */
  static void lockForBooking(Transaction tx, Collection<String> tenants) {
    Set<String> left = new TreeSet<>(tenants);
    left.removeAll(share(tx, left));
    if (!left.isEmpty()) {
      tx.execute(
          "INSERT INTO usage_billed (tenant) SELECT * FROM unnest($1::text[])"
              + " ON CONFLICT (tenant) DO NOTHING",
          (Object) texts(left));
      share(tx, left);
    }
  }

  /** In rising order, so that two transactions never wait for each other. */
  private static List<String> share(Transaction tx, Collection<String> tenants) {
    return tx.list(
        "SELECT tenant FROM usage_billed WHERE tenant = ANY ($1) ORDER BY tenant COLLATE \"C\""
            + " FOR SHARE",
        row -> row.text("tenant"),
        (Object) texts(tenants));
  }

  /**
   * Says until when tenants' usage is billed. Waits for what is being booked for them, and keeps
   * booking for them out until the transaction ends.
   *
   * @param until by tenant, in rising order
   */
  static void markBilled(Transaction tx, SortedMap<String, Instant> until) {
    tx.send(
        "INSERT INTO usage_billed AS b (tenant, until)"
            + " SELECT * FROM unnest($1::text[], $2::timestamptz[])"
            + " ON CONFLICT (tenant) DO UPDATE SET until = greatest(b.until, excluded.until)",
        texts(until.keySet()),
        until.values().toArray(Instant[]::new));
  }

  /** Until when each tenant's usage is billed; those never billed are missing. */
  static Map<String, Instant> billed(Transaction tx, Collection<String> tenants) {
    Map<String, Instant> billed = new HashMap<>();
    tx.list(
        "SELECT tenant, until FROM usage_billed WHERE tenant = ANY ($1) AND until IS NOT NULL",
        row -> billed.put(row.text("tenant"), row.instant("until")),
        (Object) texts(tenants));
    return billed;
  }

  static Map<UsageSums.Span, Map<String, Long>> sums(Transaction tx, List<UsageSums.Span> spans) {
    Integer[] numbers = new Integer[spans.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    Map<UsageSums.Span, Map<String, Long>> sums = new LinkedHashMap<>();
    tx.list(
        "SELECT s.n, h.meter, sum(h.units)::bigint AS units"
            + " FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[])"
            + " AS s (n, tenant, first, past) JOIN usage_hours h"
            + " ON h.tenant = s.tenant AND h.start >= s.first AND h.start < s.past"
            + " GROUP BY s.n, h.meter",
        row ->
            sums.computeIfAbsent(spans.get(row.integer("n")), span -> new HashMap<>())
                .put(row.text("meter"), row.whole("units")),
        numbers,
        texts(spans.stream().map(UsageSums.Span::tenant).toList()),
        spans.stream().map(span -> span.period().start()).toArray(Instant[]::new),
        spans.stream().map(span -> span.period().end()).toArray(Instant[]::new));
    return sums;
  }

  /** Up to when totals are forgotten; nobody forgets more until the transaction ends. */
  static Instant forgotten(Transaction tx) {
    return tx.one("SELECT before FROM usage_forgotten FOR SHARE", row -> row.instant("before"));
  }

  static void forgetBefore(Transaction tx, Instant before) {
    tx.execute("UPDATE usage_forgotten SET before = $1 WHERE before < $1", before);
  }

  /** How many were forgotten, {@code most} at most. */
  static int forgetTotals(Transaction tx, Instant before, int most) {
    return tx.execute(
        "DELETE FROM usage_totals WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_totals"
            + " WHERE hour < $1 LIMIT $2))",
        before,
        most);
  }

  /** Forgets those who have not been heard of since, whose totals are all gone. */
  static void forgetSources(Transaction tx, Instant before) {
    tx.execute(
        "DELETE FROM usage_sources s WHERE last_seen_at < $1"
            + " AND NOT EXISTS (SELECT 1 FROM usage_totals t WHERE t.source = s.id)",
        before);
  }

  /** Tenants with transactions before an instant, in order: so many after one. */
  static List<String> tenantsWithTransactions(
      Transaction tx, Instant before, String after, int most) {
    return tx.list(
        "SELECT DISTINCT tenant COLLATE \"C\" AS tenant FROM usage_transactions WHERE start < $1"
            + " AND tenant COLLATE \"C\" > $2 ORDER BY 1 LIMIT $3",
        row -> row.text("tenant"),
        before,
        after,
        most);
  }

  static void forgetTransactions(Transaction tx, List<String> tenants, List<Instant> before) {
    tx.execute(
        "DELETE FROM usage_transactions t USING unnest($1::text[], $2::timestamptz[])"
            + " AS k (tenant, before) WHERE t.tenant = k.tenant AND t.start < k.before",
        texts(tenants),
        before.toArray(Instant[]::new));
  }

  /** Moves what was booked at an instant to the one before it. */
  static void moveBefore(Transaction tx, String tenant, Collection<String> meters, Instant at) {
    String[] names = meters.toArray(String[]::new);
    Instant before = at.minus(1, ChronoUnit.MICROS);
    tx.send(
        "WITH moved AS (DELETE FROM usage_hours WHERE tenant = $1 AND meter = ANY($2::text[])"
            + " AND start = $3 RETURNING meter, units)"
            + " INSERT INTO usage_hours AS h (tenant, start, meter, units)"
            + " SELECT $1, $4, meter, units FROM moved"
            + " ON CONFLICT (tenant, start, meter) DO UPDATE SET units = h.units + excluded.units",
        tenant,
        names,
        at,
        before);
    tx.send(
        "UPDATE usage_transactions SET start = $4"
            + " WHERE tenant = $1 AND meter = ANY($2::text[]) AND start = $3",
        tenant,
        names,
        at,
        before);
  }

  /** Keeps the units of single events, in their order. */
  static void keep(Transaction tx, List<Addition> transactions) {
    tx.execute(
        "INSERT INTO usage_transactions (tenant, meter, start, units)"
            + " SELECT tenant, meter, start, units FROM"
            + " unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) WITH ORDINALITY"
            + " AS a (tenant, meter, start, units, place) ORDER BY place",
        texts(transactions.stream().map(Addition::tenant).toList()),
        texts(transactions.stream().map(Addition::meter).toList()),
        transactions.stream().map(Addition::row).toArray(Instant[]::new),
        transactions.stream().map(Addition::units).toArray(Long[]::new));
  }

  static Map<UsageSums.Told, List<Long>> transactions(Transaction tx, List<UsageSums.Told> told) {
    Integer[] numbers = new Integer[told.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    Map<UsageSums.Told, List<Long>> transactions = new LinkedHashMap<>();
    tx.list(
        "SELECT s.n, t.units FROM unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[],"
            + " $5::timestamptz[]) AS s (n, tenant, meter, first, past)"
            + " JOIN usage_transactions t ON t.tenant = s.tenant AND t.meter = s.meter"
            + " AND t.start >= s.first AND t.start < s.past ORDER BY s.n, t.start, t.id",
        row ->
            transactions
                .computeIfAbsent(told.get(row.integer("n")), each -> new ArrayList<>())
                .add(row.whole("units")),
        numbers,
        texts(told.stream().map(each -> each.span().tenant()).toList()),
        texts(told.stream().map(UsageSums.Told::meter).toList()),
        told.stream().map(each -> each.span().period().start()).toArray(Instant[]::new),
        told.stream().map(each -> each.span().period().end()).toArray(Instant[]::new));
    return transactions;
  }

  static long level(Transaction tx, String tenant, String meter, Instant before) {
    return tx.one(
        "SELECT coalesce(sum(units), 0)::bigint AS units FROM usage_hours"
            + " WHERE tenant = $1 AND meter = $2 AND start < $3",
        row -> row.whole("units"),
        tenant,
        meter,
        before);
  }

  /** One line of a report. */
  record Line(Instant from, String meter, long units) {}

  /**
   * Units by meter and stretch of time, in order.
   *
   * @param unit {@code hour}, {@code day} or {@code month}, as date_trunc takes it
   * @param zone in which days and months begin
   */
  static List<Line> report(Transaction tx, String tenant, Period period, String unit, String zone) {
    return tx.list(
        "SELECT date_trunc($4, start, $5) AS stretch, meter, sum(units)::bigint AS units"
            + " FROM usage_hours WHERE tenant = $1 AND start >= $2 AND start < $3"
            + " GROUP BY 1, 2 ORDER BY 1, 2",
        row -> new Line(row.instant("stretch"), row.text("meter"), row.whole("units")),
        tenant,
        period.start(),
        period.end(),
        unit,
        zone);
  }

  private static String[] texts(Collection<String> texts) {
    return texts.toArray(String[]::new);
  }
}
