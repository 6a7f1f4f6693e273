package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The SQL of test clocks and of who lives by them. */
final class ClockStore {
  private ClockStore() {}

  static Map<String, Instant> frozenAt(Transaction tx, Collection<String> tenants) {
    Map<String, Instant> instants = new HashMap<>();
    tx.listOnce(
        "SELECT t.tenant, c.now FROM tenant_clocks t JOIN test_clocks c ON c.id = t.clock"
            + " WHERE t.tenant = ANY($1)",
        row -> instants.put(row.text("tenant"), row.instant("now")),
        (Object) tenants.toArray(String[]::new));
    return instants;
  }

  static void insert(Transaction tx, TestClock clock, Instant createdAt) {
    tx.send(
        "INSERT INTO test_clocks (id, name, now, created_at) VALUES ($1, $2, $3, $4)",
        clock.id(),
        clock.name(),
        clock.now(),
        createdAt);
  }

  static Optional<TestClock> find(Transaction tx, String id) {
    return tx.first("SELECT * FROM test_clocks WHERE id = $1", ClockStore::clock, id);
  }

  /** Locks a clock, which the answer has where it is there. */
  static Supplier<List<TestClock>> lock(Transaction tx, String id) {
    return tx.listLater(
        "SELECT * FROM test_clocks WHERE id = $1 FOR UPDATE", ClockStore::clock, id);
  }

  static List<TestClock> page(Transaction tx, PageRequest page) {
    return tx.list(
        "SELECT * FROM test_clocks WHERE id > $1 ORDER BY id LIMIT $2",
        ClockStore::clock,
        page.after() == null ? "" : page.after(),
        page.fetch());
  }

  /** Says where a clock is being moved to; what the last move did is forgotten with a new goal. */
  static void begin(Transaction tx, TestClock clock, Instant to) {
    tx.send(
        "UPDATE test_clocks SET advancing_to = $2, problem = NULL,"
            + " done = CASE WHEN advancing_to IS NULL THEN 0 ELSE done END WHERE id = $1",
        clock.id(),
        to);
  }

  /** Lets a clock rest where nothing is due on the way to. */
  static TestClock rest(Transaction tx, String id, Instant to) {
    return tx.one(
        "UPDATE test_clocks SET now = $2, advancing_to = NULL, problem = NULL,"
            + " done = CASE WHEN advancing_to IS NULL THEN 0 ELSE done END WHERE id = $1 RETURNING *",
        ClockStore::clock,
        id,
        to);
  }

  /** Moves a clock on its way, and counts what was done where it stood. */
  static void step(Transaction tx, String id, Instant now, long done) {
    tx.send(
        "UPDATE test_clocks SET now = $2, moved_at = now(), done = done + $3 WHERE id = $1",
        id,
        now,
        done);
  }

  /** Lets a clock rest where it was being moved to, and counts what was done where it stood. */
  static TestClock finish(Transaction tx, String id, Instant to, long done) {
    return tx.one(
        "UPDATE test_clocks SET now = CASE WHEN advancing_to = $2 THEN $2 ELSE now END,"
            + " advancing_to = nullif(advancing_to, $2), done = done + $3 WHERE id = $1 RETURNING *",
        ClockStore::clock,
        id,
        to,
        done);
  }

  static void stopped(Transaction tx, String id, String problem) {
    tx.execute(
        "UPDATE test_clocks SET problem = $2 WHERE id = $1 AND advancing_to IS NOT NULL",
        id,
        problem);
  }

  static void attach(Transaction tx, String clock, String tenant) {
    tx.send(
        "INSERT INTO tenant_clocks (tenant, clock) VALUES ($1, $2)"
            + " ON CONFLICT (tenant) DO UPDATE SET clock = $2",
        tenant,
        clock);
    // A pause after a failure was one of the clock it lived by before.
    tx.send("UPDATE agenda SET clock = $2, not_before = NULL WHERE tenant = $1", tenant, clock);
    tx.forget();
  }

  private static TestClock clock(Row row) {
    return new TestClock(
        row.text("id"),
        row.text("name"),
        row.instant("now"),
        row.findInstant("advancing_to"),
        row.findInstant("moved_at"),
        row.whole("done"),
        row.findText("problem"));
  }
}
