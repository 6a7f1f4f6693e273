package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.yaml.Secret;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatabaseTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  @Test
  void arguments_areReadBackAsTheyWere() {
    Instant at = Instant.parse("2026-03-31T23:59:59.123456Z");
    BigDecimal amount = new BigDecimal("12345678901234567890.000100");
    DB.db()
        .inTransaction(
            tx -> {
              tx.execute(
                  "CREATE TEMPORARY TABLE kept (a numeric, t timestamptz, j jsonb, b bytea, s text[], e text) ON COMMIT DROP");
              tx.execute(
                  "INSERT INTO kept VALUES ($1, $2, $3, $4, $5, $6)",
                  amount,
                  at,
                  new Json("{\"n\": 0.1000000000000000000001}"),
                  new byte[] {1, 2},
                  new String[] {"x", "y"},
                  TimeUnit.DAYS);
              return tx.one(
                  "SELECT a, t, j::text AS j, b, s, e FROM kept",
                  row -> {
                    assertThat(row.decimal("a")).isEqualTo(amount);
                    assertThat(row.instant("t")).isEqualTo(at);
                    assertThat(row.text("j")).isEqualTo("{\"n\": 0.1000000000000000000001}");
                    assertThat(row.bytes("b")).containsExactly(1, 2);
                    assertThat(row.texts("s")).containsExactly("x", "y");
                    assertThat(row.text("e")).isEqualTo("DAYS");
                    return true;
                  });
            });
  }

  @Test
  void looking_writesNothing() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .looking(
                        Database.EVERY_TENANT,
                        tx ->
                            tx.execute(
                                "INSERT INTO test_clocks (id, name, now, created_at) VALUES ('l', 'l', now(), now())")))
        .hasMessageContaining("read-only");
  }

  @Test
  void looking_seesOneMoment() {
    String count = "SELECT count(*) AS n FROM test_clocks WHERE name = $1";
    DB.db()
        .looking(
            Database.EVERY_TENANT,
            tx -> {
              assertThat(tx.<Long>one(count, row -> row.whole("n"), "m")).isZero();
              DB.db()
                  .inTransaction(
                      other ->
                          other.execute(
                              "INSERT INTO test_clocks (id, name, now, created_at) VALUES ('m', 'm', now(), now())"));
              assertThat(tx.<Long>one(count, row -> row.whole("n"), "m")).isZero();
              assertThat(tx.<Long>one(count + " AND id = 'm'", row -> row.whole("n"), "m"))
                  .isZero();
              return true;
            });
    assertThat(
            DB.db()
                .<Integer>inTransaction(
                    tx -> tx.execute("DELETE FROM test_clocks WHERE name = $1", "m")))
        .isEqualTo(1);
  }

  @Test
  void looking_foreseenIsAnsweredFromWhatWasSent() {
    String count = "SELECT count(*) AS n FROM test_clocks WHERE name = ANY ($1)";
    String statement = "SELECT statement_timestamp() AS t, $1::text AS name";
    DB.db()
        .lookingUp(
            Database.EVERY_TENANT,
            tx -> {
              tx.foresee(statement, "a");
              tx.foresee(count, (Object) new String[] {"b"});
              Supplier<Long> asked =
                  tx.ask(() -> tx.one(count, row -> row.whole("n"), (Object) new String[] {"b"}));
              Instant other = tx.one(statement, row -> row.instant("t"), "c");
              assertThat(tx.<Instant>one(statement, row -> row.instant("t"), "a")).isBefore(other);
              assertThat(asked.get()).isZero();
              return true;
            });
  }

  @Test
  void looking_whatWasForeseenAndFailsTellsWhy() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .looking(
                        Database.EVERY_TENANT,
                        tx -> {
                          tx.foresee("SELECT 1 / $1::int AS n", 0);
                          return tx.one("SELECT 2 AS n", row -> row.whole("n"));
                        }))
        .hasMessageContaining("division by zero");
  }

  @Test
  void inTransaction_foreseesNothing() {
    String count = "SELECT count(*) AS n FROM test_clocks WHERE name = $1";
    DB.db()
        .inTransaction(
            tx -> {
              tx.foresee(count, "f");
              tx.execute(
                  "INSERT INTO test_clocks (id, name, now, created_at) VALUES ('f', 'f', now(), now())");
              assertThat(tx.<Long>one(count, row -> row.whole("n"), "f")).isEqualTo(1);
              return tx.execute("DELETE FROM test_clocks WHERE name = $1", "f");
            });
  }

  @Test
  void inTransaction_rollsBackOnException() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        tx -> {
                          tx.execute(
                              "INSERT INTO test_clocks (id, name, now, created_at) VALUES ('c', 'c', now(), now())");
                          throw new IllegalStateException("no");
                        }))
        .hasMessage("no");
    assertThat(clocks("c")).isZero();
  }

  @Test
  void inTransaction_uniqueViolation_isConflict() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        tx ->
                            tx.execute(
                                "INSERT INTO test_clocks (id, name, now, created_at)"
                                    + " VALUES ('d', 'c', now(), now()), ('d', 'c', now(), now())")))
        .isInstanceOf(ConflictException.class)
        .extracting(e -> ((ConflictException) e).constraint())
        .isEqualTo("test_clocks_pkey");
  }

  private static final String CLOCK =
      "INSERT INTO test_clocks (id, name, now, created_at) VALUES ($1, $1, now(), now())";

  private static long clocks(String id) {
    return DB.db()
        .inTransaction(
            tx ->
                tx.one(
                    "SELECT count(*) AS n FROM test_clocks WHERE id LIKE $1",
                    row -> row.whole("n"),
                    id));
  }

  @Test
  void send_isDoneByTheEnd() {
    DB.db()
        .inTransaction(
            tx -> {
              tx.send(CLOCK, "sent-1");
              tx.send(CLOCK, "sent-2");
              return true;
            });
    assertThat(clocks("sent-%")).isEqualTo(2);
  }

  @Test
  void send_failingAsTheLast_isToldAtTheEndAndNothingStays() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        tx -> {
                          tx.execute(CLOCK, "last");
                          tx.send(CLOCK, "last");
                          return true;
                        }))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("test_clocks_pkey");
    assertThat(clocks("last")).isZero();
  }

  @Test
  void send_failing_isToldByTheNextThatWaits() {
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        tx -> {
                          tx.execute(CLOCK, "next");
                          tx.send(CLOCK, "next");
                          return tx.execute(CLOCK, "another");
                        }))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("test_clocks_pkey");
  }

  @Test
  void attempt_thatFails_leavesNothingAndTheRestStays() {
    DB.db()
        .inTransaction(
            tx -> {
              tx.execute(CLOCK, "attempt-1");
              assertThatThrownBy(
                      () ->
                          tx.attempt(
                              () -> {
                                tx.execute(CLOCK, "attempt-2");
                                tx.send(CLOCK, "attempt-1");
                              }))
                  .isInstanceOf(ConflictException.class);
              assertThatThrownBy(
                      () ->
                          tx.attempt(
                              () -> {
                                tx.send(CLOCK, "attempt-1");
                                throw new IllegalStateException("of its own");
                              }))
                  .hasMessage("of its own");
              tx.attempt(() -> tx.execute(CLOCK, "attempt-3"));
              return true;
            });
    assertThat(clocks("attempt-%")).isEqualTo(2);
    assertThat(clocks("attempt-2")).isZero();
  }

  @Test
  void listLater_isAnsweredByWhatWasDoneBeforeItWasAsked() {
    DB.db()
        .inTransaction(
            tx -> {
              String count = "SELECT count(*) AS n FROM test_clocks WHERE id LIKE 'later-%'";
              Supplier<List<Long>> before = tx.listLater(count, row -> row.whole("n"));
              tx.send(CLOCK, "later-1");
              Supplier<List<Long>> after = tx.listLater(count, row -> row.whole("n"));
              assertThat(after.get()).containsExactly(1L);
              assertThat(before.get()).containsExactly(0L);
              return true;
            });
  }

  @Test
  void last_isDoneInOrderAfterEverythingElse_andNotWhereItsAttemptFailed() {
    List<String> done = new ArrayList<>();
    DB.db()
        .inTransaction(
            tx -> {
              tx.last(() -> done.add("first"));
              assertThatThrownBy(
                      () ->
                          tx.attempt(
                              () -> {
                                tx.last(() -> done.add("of what failed"));
                                throw new IllegalStateException("no");
                              }))
                  .hasMessage("no");
              tx.last(() -> done.add("second"));
              return done.add("work");
            });
    assertThat(done).containsExactly("work", "first", "second");
  }

  @Test
  void listOnce_asksOnceUntilForgotten() {
    DB.db()
        .inTransaction(
            tx -> {
              Supplier<Integer> known =
                  () ->
                      tx.listOnce(
                              "SELECT id FROM test_clocks WHERE id = $1",
                              row -> row.text("id"),
                              "once")
                          .size();
              assertThat(known.get()).isZero();
              tx.execute(CLOCK, "once");
              assertThat(known.get()).isZero();
              tx.forget();
              assertThat(known.get()).isOne();
              return true;
            });
  }

  @Test
  void inTransaction_deadlock_isRunAgain() throws InterruptedException {
    DB.db()
        .inTransaction(
            tx ->
                tx.execute(
                    "INSERT INTO test_clocks (id, name, now, created_at)"
                        + " VALUES ('left', '', now(), now()), ('right', '', now(), now())"));
    CountDownLatch both = new CountDownLatch(2);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (String[] order : new String[][] {{"left", "right"}, {"right", "left"}}) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      DB.db()
                          .inTransaction(
                              tx -> {
                                tx.execute(
                                    "UPDATE test_clocks SET name = name || '+' WHERE id = $1",
                                    order[0]);
                                both.countDown();
                                awaitQuietly(both);
                                return tx.execute(
                                    "UPDATE test_clocks SET name = name || '+' WHERE id = $1",
                                    order[1]);
                              });
                    } catch (RuntimeException e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    List<String> names =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT name FROM test_clocks WHERE id IN ('left', 'right')",
                        row -> row.text("name")));
    assertThat(names).containsExactly("++", "++");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void scope_seesOnlyItsTenantsRows() {
    DB.db()
        .inTransaction(
            tx ->
                tx.execute(
                    "INSERT INTO agenda (tenant, kind, subject, due_at) VALUES"
                        + " ('a', 'rls', '1', now()), ('b', 'rls', '2', now())"));
    String count = "SELECT count(*) AS n FROM agenda WHERE kind = 'rls'";
    assertThat(DB.db().<Long>inTransaction(tx -> tx.one(count, row -> row.whole("n"))))
        .isEqualTo(2);
    assertThat(DB.db().<Long>inTransaction("a", tx -> tx.one(count, row -> row.whole("n"))))
        .isEqualTo(1);
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        "a",
                        tx ->
                            tx.execute(
                                "INSERT INTO agenda (tenant, kind, subject, due_at)"
                                    + " VALUES ('b', 'rls', '3', now())")))
        .hasMessageContaining("row-level security");
  }

  @Test
  void everyTableOfATenant_isGuarded() {
    List<String> open =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                            + " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
                            + " AND a.attname = 'tenant' AND NOT a.attisdropped AND NOT c.relrowsecurity",
                        row -> row.text("name")));
    assertThat(open)
        .as("tables with a column 'tenant' and without SELECT tollgate_guard('...')")
        .isEmpty();
  }

  @Test
  void listen_hearsNotify() throws InterruptedException {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    DB.db().listen("probe", heard::add);
    DB.db().inTransaction(tx -> tx.execute("SELECT pg_notify('probe', 'hello')"));
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
  }

  @Test
  void open_nobodyThere_saysWhatWasTried() {
    DatabaseSettings nowhere =
        new DatabaseSettings(
            "127.0.0.1",
            1,
            "tollgate",
            new DatabaseSettings.Login("app", new Secret("x")),
            new DatabaseSettings.Login("owner", new Secret("x")),
            1,
            Duration.ofMillis(600));
    Vertx vertx = DB.vertx();
    assertThatThrownBy(() -> Database.open(vertx, nowhere))
        .isInstanceOf(DatabaseUnreachableException.class)
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/tollgate as owner")
        .hasMessageContaining("database.host");
  }

  @Test
  void open_superuserAsApp_isRefused() {
    DatabaseSettings own = DB.settings();
    DatabaseSettings mighty =
        new DatabaseSettings(
            own.host(), own.port(), own.name(), own.migrator(), own.migrator(), 1, own.patience());
    Vertx vertx = DB.vertx();
    assertThatThrownBy(() -> Database.open(vertx, mighty))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("superuser");
  }
}
