package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The SQL of the agenda. */
final class AgendaStore {
  private AgendaStore() {}

  /** An entry taken off the agenda. */
  record Taken(long id, int attempts, DueWork work) {}

  static void upsert(Transaction tx, List<Work> works) {
    tx.send(
        "INSERT INTO agenda (tenant, kind, subject, due_at, clock)"
            + " SELECT w.tenant, w.kind, w.subject, w.due_at, c.clock"
            + " FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])"
            + " WITH ORDINALITY AS w (tenant, kind, subject, due_at, place)"
            + " LEFT JOIN tenant_clocks c ON c.tenant = w.tenant ORDER BY w.place"
            + " ON CONFLICT (kind, subject) DO UPDATE SET due_at = EXCLUDED.due_at,"
            + " clock = EXCLUDED.clock, attempts = 0, not_before = NULL, error = NULL,"
            + " set_aside_at = NULL",
        works.stream().map(Work::tenant).toArray(String[]::new),
        works.stream().map(Work::kind).toArray(String[]::new),
        works.stream().map(Work::subject).toArray(String[]::new),
        works.stream().map(Work::dueAt).toArray(Instant[]::new));
  }

  static void delete(Transaction tx, String kind, String subject) {
    tx.send("DELETE FROM agenda WHERE kind = $1 AND subject = $2", kind, subject);
  }

  /** Takes due work of a kind by the wall clock, where {@code clock} is null, or a test clock. */
  static List<Taken> take(
      Transaction tx, String kind, @Nullable String clock, Instant now, int most) {
    String whose = clock == null ? "clock IS NULL" : "clock = $4";
    String sql =
        "WITH taken AS (DELETE FROM agenda WHERE id = ANY (ARRAY(SELECT id FROM agenda WHERE kind ="
            + " $1 AND "
            + whose
            + " AND set_aside_at IS NULL AND due_at <= $2"
            + " AND (not_before IS NULL OR not_before <= $2)"
            + " ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING *)"
            + " SELECT * FROM taken ORDER BY due_at, id";
    return clock == null
        ? tx.list(sql, row -> taken(row, now), kind, now, most)
        : tx.list(sql, row -> taken(row, now), kind, now, most, clock);
  }

  static Optional<Taken> takeOne(Transaction tx, long id, Instant now) {
    return tx.first("DELETE FROM agenda WHERE id = $1 RETURNING *", row -> taken(row, now), id);
  }

  static void failed(
      Transaction tx, long id, String error, Instant notBefore, @Nullable Instant setAsideAt) {
    tx.execute(
        "UPDATE agenda SET attempts = attempts + 1, error = $2, not_before = $3,"
            + " set_aside_at = $4 WHERE id = $1",
        id,
        error,
        notBefore,
        setAsideAt);
  }

  /** Those of the kinds that have something due by the wall clock, in their order. */
  static List<String> due(Transaction tx, Collection<String> kinds, Instant now) {
    return tx.list(
        "SELECT k.kind FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)"
            + " WHERE EXISTS (SELECT 1 FROM agenda a WHERE a.kind = k.kind AND a.clock IS NULL"
            + " AND a.set_aside_at IS NULL AND a.due_at <= $2"
            + " AND (a.not_before IS NULL OR a.not_before <= $2)) ORDER BY k.place",
        row -> row.text("kind"),
        kinds.toArray(String[]::new),
        now);
  }

  /** When a kind is next due. */
  record Next(String kind, Instant dueAt) {}

  /**
   * When each kind is next due on a test clock, up to {@code until}, in the kinds' order; one index
   * probe a kind.
   */
  static Supplier<List<Next>> next(
      Transaction tx, Collection<String> kinds, String clock, Instant until) {
    return tx.listLater(
        "SELECT k.kind, a.due_at FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)"
            + " CROSS JOIN LATERAL (SELECT due_at FROM agenda WHERE clock = $2 AND kind = k.kind"
            + " AND set_aside_at IS NULL AND due_at <= $3 ORDER BY due_at LIMIT 1) AS a"
            + " ORDER BY k.place",
        row -> new Next(row.text("kind"), row.instant("due_at")),
        kinds.toArray(String[]::new),
        clock,
        until);
  }

  /**
   * How a kind's work stands.
   *
   * @param due what is due and not done yet, what waits for another try included
   * @param failing how much of what is due failed and is tried again
   * @param oldestDueAt since when it has been due; null where nothing is
   * @param planned what is due later
   * @param nextDueAt when the first of that is due; null where nothing is planned
   * @param setAside what failed too often
   */
  record Kind(
      String kind,
      long due,
      long failing,
      @Nullable Instant oldestDueAt,
      long planned,
      @Nullable Instant nextDueAt,
      long setAside) {}

  static List<Kind> overview(Transaction tx, @Nullable String clock, Instant now) {
    return tx.list(
        "SELECT kind, count(*) FILTER (WHERE is_due) AS due,"
            + " count(*) FILTER (WHERE is_due AND attempts > 0) AS failing,"
            + " min(due_at) FILTER (WHERE is_due) AS oldest,"
            + " count(*) FILTER (WHERE set_aside_at IS NULL AND NOT is_due) AS planned,"
            + " min(due_at) FILTER (WHERE set_aside_at IS NULL AND NOT is_due) AS next,"
            + " count(*) FILTER (WHERE set_aside_at IS NOT NULL) AS aside"
            + " FROM (SELECT *, set_aside_at IS NULL AND due_at <= $1 AS is_due FROM agenda"
            + " WHERE clock IS NOT DISTINCT FROM $2::text) AS work GROUP BY kind ORDER BY kind",
        row ->
            new Kind(
                row.text("kind"),
                row.whole("due"),
                row.whole("failing"),
                row.findInstant("oldest"),
                row.whole("planned"),
                row.findInstant("next"),
                row.whole("aside")),
        now,
        clock);
  }

  static List<SetAside> setAside(Transaction tx, PageRequest page) {
    return tx.list(
        "SELECT * FROM agenda WHERE set_aside_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
        AgendaStore::aside,
        page.after() == null ? 0L : Long.parseLong(page.after()),
        page.fetch());
  }

  static List<SetAside> setAside(Transaction tx, String clock) {
    return tx.list(
        "SELECT * FROM agenda WHERE set_aside_at IS NOT NULL AND clock = $1 ORDER BY id",
        AgendaStore::aside,
        clock);
  }

  static Optional<SetAside> retry(Transaction tx, long id) {
    return tx.first(
        "WITH before AS (SELECT * FROM agenda WHERE id = $1 AND set_aside_at IS NOT NULL FOR"
            + " UPDATE), retried AS (UPDATE agenda SET set_aside_at = NULL, attempts = 0,"
            + " not_before = NULL WHERE id IN (SELECT id FROM before)) SELECT * FROM before",
        AgendaStore::aside,
        id);
  }

  private static Taken taken(Row row, Instant now) {
    return new Taken(
        row.whole("id"),
        row.integer("attempts"),
        new DueWork(
            row.text("tenant"), row.text("kind"), row.text("subject"), row.instant("due_at"), now));
  }

  private static SetAside aside(Row row) {
    return new SetAside(
        row.whole("id"),
        row.text("tenant"),
        row.text("kind"),
        row.text("subject"),
        row.instant("due_at"),
        row.integer("attempts"),
        String.valueOf(row.findText("error")),
        row.instant("set_aside_at"));
  }
}
