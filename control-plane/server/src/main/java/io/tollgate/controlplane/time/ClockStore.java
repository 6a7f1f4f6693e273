package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The SQL of test clocks and of who lives by them. */
final class ClockStore {
  private ClockStore() {}

  /** What a transaction knows of clocks: where each stands, and who lives by which. */
  private static final class Known {
    private final Map<String, Instant> now = new ConcurrentHashMap<>();
    private final Map<String, Optional<String>> clocks = new ConcurrentHashMap<>();

    static Known to(Transaction tx) {
      return tx.memory(Known.class, Known::new);
    }

    /** What it knows of the clock it holds, and of who lived by it then. */
    static Known held(Transaction tx) {
      return tx.holding(Known.class, Known::new);
    }

    void note(String clock, Instant stands, String tenant) {
      now.put(clock, stands);
      clocks.put(tenant, Optional.of(clock));
    }

    Optional<Instant> frozenAt(String tenant) {
      return clocks.getOrDefault(tenant, Optional.empty()).map(now::get);
    }
  }

  /** Keeps in mind what {@link #frozenAt} would ask of one tenant. */
  static void note(
      Transaction tx, String tenant, @Nullable String clock, @Nullable Instant stands) {
    Known known = Known.to(tx);
    if (clock == null || stands == null) {
      known.clocks.put(tenant, Optional.empty());
    } else {
      known.note(clock, stands, tenant);
    }
  }

  static Map<String, Instant> frozenAt(Transaction tx, Collection<String> tenants) {
    Known held = Known.held(tx);
    Known known = Known.to(tx);
    String[] unknown =
        tenants.stream()
            .filter(t -> !held.clocks.containsKey(t) && !known.clocks.containsKey(t))
            .toArray(String[]::new);
    if (unknown.length > 0) {
      tx.list(
          "SELECT t.tenant, c.id, c.now FROM tenant_clocks t JOIN test_clocks c ON c.id = t.clock"
              + " WHERE t.tenant = ANY($1)",
          row -> {
            known.note(row.text("id"), row.instant("now"), row.text("tenant"));
            return true;
          },
          (Object) unknown);
      for (String tenant : unknown) {
        known.clocks.putIfAbsent(tenant, Optional.empty());
      }
    }
    Map<String, Instant> instants = new HashMap<>();
    tenants.forEach(
        t -> held.frozenAt(t).or(() -> known.frozenAt(t)).ifPresent(at -> instants.put(t, at)));
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

  /** As {@link #lock}; the transaction knows then who lives by it and where it stands. */
  static Supplier<List<TestClock>> hold(Transaction tx, String id) {
    Known known = Known.held(tx);
    return tx.listLater(
        "SELECT c.*, ARRAY(SELECT tenant FROM tenant_clocks WHERE clock = c.id) AS tenants"
            + " FROM test_clocks c WHERE id = $1 FOR UPDATE OF c",
        row -> {
          TestClock clock = clock(row);
          row.texts("tenants").forEach(tenant -> known.note(id, clock.now(), tenant));
          return clock;
        },
        id);
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
        "UPDATE test_clocks SET now = $2, advancing_to = NULL, problem = NULL, done = CASE WHEN"
            + " advancing_to IS NULL THEN 0 ELSE done END WHERE id = $1 RETURNING *",
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
            + " advancing_to = nullif(advancing_to, $2), done = done + $3 WHERE id = $1 RETURNING"
            + " *",
        ClockStore::clock,
        id,
        to,
        done);
  }

  /**
   * Moves a clock that is held to where something is next due, or to the end where nothing is.
   *
   * @param done how much was done since it was held
   * @return where it stands then and what is due there
   */
  static Stop go(Transaction tx, String id, Collection<String> kinds, Instant to, long done) {
    List<Instant> at = new ArrayList<>();
    List<String> due = new ArrayList<>();
    tx.list(
        "WITH next AS (SELECT k.kind, k.place, a.due_at"
            + " FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)"
            + " CROSS JOIN LATERAL (SELECT due_at FROM agenda WHERE clock = $2 AND kind = k.kind"
            + " AND set_aside_at IS NULL AND due_at <= $3 ORDER BY due_at LIMIT 1) AS a),"
            + " moved AS (UPDATE test_clocks"
            + " SET now = greatest(now, coalesce((SELECT min(due_at) FROM next), $3)),"
            + " moved_at = now(), problem = NULL, done = $4 WHERE id = $2 RETURNING now)"
            + " SELECT m.now, n.kind FROM moved m LEFT JOIN next n ON n.due_at <= m.now"
            + " ORDER BY n.place",
        row -> {
          String kind = row.findText("kind");
          return at.add(row.instant("now")) && (kind == null || due.add(kind));
        },
        kinds.toArray(String[]::new),
        id,
        to,
        done);
    Known.held(tx).now.put(id, at.getFirst());
    Known.to(tx).now.replace(id, at.getFirst());
    return new Stop(at.getFirst(), due);
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
    Known.held(tx).clocks.remove(tenant);
    Quiet.of(tx).end();
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
