package io.tollgate.controlplane.usage;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What waits for closing invoices: units of last periods that were told after those were billed.
 */
final class LateStore {
  private LateStore() {}

  /** An event's units, and the end of the period they are late for. */
  record Late(UsageStore.Addition units, Instant ended) {}

  static void add(Transaction tx, List<Late> late) {
    if (late.isEmpty()) {
      return;
    }
    tx.execute(
        "INSERT INTO usage_late AS l (tenant, ended, meter, units, transactions)"
            + " SELECT tenant, ended, meter, sum(units)::bigint, count(*) FROM"
            + " unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[])"
            + " AS a (tenant, ended, meter, units) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            + " ON CONFLICT (tenant, ended, meter) DO UPDATE SET units = l.units + excluded.units,"
            + " transactions = l.transactions + excluded.transactions",
        Unnest.texts(late, one -> one.units().tenant()),
        Unnest.instants(late, Late::ended),
        Unnest.texts(late, one -> one.units().meter()),
        late.stream().map(one -> one.units().units()).toArray(Long[]::new));
  }

  /**
   * Takes what waits of some meters for a span's end. Another subscription that ended at the same
   * instant has meters of its own.
   */
  static Map<String, Waiting> take(Transaction tx, Span span, Collection<String> meters) {
    Map<String, Waiting> taken = new HashMap<>();
    tx.list(
        "DELETE FROM usage_late WHERE tenant = $1 AND ended = $2 AND meter = ANY ($3::text[])"
            + " RETURNING meter, units, transactions",
        row ->
            taken.put(
                row.text("meter"), new Waiting(row.whole("units"), row.whole("transactions"))),
        span.tenant(),
        span.period().end(),
        meters.toArray(String[]::new));
    return taken;
  }

  /** Keeps what a closing invoice took. */
  static void billed(Transaction tx, Span span, String closing, Map<String, Waiting> taken) {
    List<Map.Entry<String, Waiting>> each = List.copyOf(taken.entrySet());
    tx.execute(
        "INSERT INTO usage_late_billed (tenant, closing, ended, meter, units, transactions)"
            + " SELECT $1, $2, $3, a.* FROM unnest($4::text[], $5::bigint[], $6::bigint[]) a",
        span.tenant(),
        closing,
        span.period().end(),
        Unnest.texts(each, Map.Entry::getKey),
        each.stream().map(one -> one.getValue().units()).toArray(Long[]::new),
        each.stream().map(one -> one.getValue().transactions()).toArray(Long[]::new));
  }

  /** What a closing invoice took waits again. */
  static void waitAgain(Transaction tx, String closing) {
    tx.execute(
        "WITH back AS (DELETE FROM usage_late_billed WHERE closing = $1 RETURNING *)"
            + " INSERT INTO usage_late AS l (tenant, ended, meter, units, transactions)"
            + " SELECT tenant, ended, meter, units, transactions FROM back ORDER BY meter"
            + " ON CONFLICT (tenant, ended, meter) DO UPDATE SET units = l.units + excluded.units,"
            + " transactions = l.transactions + excluded.transactions",
        closing);
  }

  /** A tenant's, by the period's end and the meter. */
  static Map<Instant, Map<String, Waiting>> waiting(Transaction tx, String tenant) {
    Map<Instant, Map<String, Waiting>> waiting = new HashMap<>();
    tx.list(
        "SELECT ended, meter, units, transactions FROM usage_late WHERE tenant = $1",
        row ->
            waiting
                .computeIfAbsent(row.instant("ended"), ended -> new HashMap<>())
                .put(row.text("meter"), new Waiting(row.whole("units"), row.whole("transactions"))),
        tenant);
    return waiting;
  }

  /** What waits of tenants, and what closing invoices took. */
  static List<UsageSums.Late> all(Transaction tx, Collection<String> tenants) {
    return tx.list(
        "SELECT tenant, NULL AS closing, ended, meter, units, transactions FROM usage_late"
            + " WHERE tenant = ANY ($1::text[]) UNION ALL"
            + " SELECT tenant, closing, ended, meter, units, transactions FROM usage_late_billed"
            + " WHERE tenant = ANY ($1::text[])",
        row ->
            new UsageSums.Late(
                row.text("tenant"),
                row.findText("closing"),
                row.instant("ended"),
                row.text("meter"),
                new Waiting(row.whole("units"), row.whole("transactions"))),
        (Object) tenants.toArray(String[]::new));
  }
}
