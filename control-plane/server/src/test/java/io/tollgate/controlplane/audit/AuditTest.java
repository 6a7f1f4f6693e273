package io.tollgate.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AuditTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private final Audit audit =
      new Audit(InstantSource.fixed(Instant.parse("2026-03-01T10:00:00.123456Z")));

  private void record(String tenant, String subject) {
    DB.db()
        .inTransaction(
            tx -> {
              audit.record(tx, "tok_1", "thing.done", subject, tenant, Map.of("n", 1));
              return true;
            });
  }

  private List<Breach> verified() {
    return DB.db().inTransaction(audit::verify);
  }

  /** As the tables' owner, with the guards off: what an intruder on the server could do. */
  private static void asOwner(String sql) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + DB.settings().port() + "/" + DB.settings().name();
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
      statement.execute(sql);
    }
  }

  @Test
  void record_concurrently_leavesNoGap() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        String subject = "s" + i;
        threads.execute(() -> record("crowd", subject));
      }
    }
    List<Long> positions =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT position FROM audit_trail WHERE chain = 'crowd' ORDER BY position",
                        row -> row.whole("position")));
    assertThat(positions).hasSize(40).startsWith(1L).endsWith(40L);
    assertThat(verified()).noneMatch(breach -> breach.chain().equals("crowd"));
  }

  @Test
  void trail_changed_isRefused() {
    record("kept", "a");
    for (String sql :
        List.of(
            "UPDATE audit_trail SET actor = 'x' WHERE chain = 'kept'",
            "DELETE FROM audit_trail WHERE chain = 'kept'")) {
      assertThatThrownBy(() -> DB.db().inTransaction(tx -> tx.execute(sql)))
          .hasMessageContaining("append-only");
    }
  }

  @Test
  void verify_changedLine_namesIt() throws SQLException {
    record("forged", "a");
    record("forged", "b");
    record("forged", "c");
    assertThat(verified()).noneMatch(breach -> breach.chain().equals("forged"));
    asOwner("UPDATE audit_trail SET actor = 'x' WHERE chain = 'forged' AND position = 2");
    assertThat(verified()).contains(new Breach("forged", 2));
  }

  @Test
  void verify_missingLine_namesItsSuccessor() throws SQLException {
    record("holed", "a");
    record("holed", "b");
    record("holed", "c");
    asOwner("DELETE FROM audit_trail WHERE chain = 'holed' AND position = 2");
    assertThat(verified()).contains(new Breach("holed", 3));
  }

  @Test
  void list_ofTenant_isItsOwnChain() {
    record("left", "only-left");
    record("right", "only-right");
    record("right", "also-right");
    try (TestApi api = TestApi.start(DB, InstantSource.system(), audit)) {
      assertThat(api.asTenant("left").get("/api/billing/audit").text())
          .contains("only-left")
          .doesNotContain("right");
      String first = api.as("viewer").get("/api/billing/audit?tenant=right&limit=1").text();
      String cursor =
          api.as("viewer")
              .get("/api/billing/audit?tenant=right&limit=1")
              .json()
              .path("next")
              .asText();
      assertThat(first).contains("only-right").doesNotContain("also-right");
      assertThat(api.as("viewer").get("/api/billing/audit?tenant=right&cursor=" + cursor).text())
          .contains("also-right")
          .doesNotContain("only-right");
    }
  }
}
