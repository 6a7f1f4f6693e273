package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A scratch server with all tables, from nothing, from the copy, and from a copy that is broken.
 */
class ScratchPostgresTest {
  private static void assertEmptyTables(ClusterCopy copy) throws IOException {
    Vertx vertx = Vertx.vertx();
    try (ScratchPostgres server = ScratchPostgres.start(copy);
        Database database = server.open(vertx, 1)) {
      long clocks =
          database.inTransaction(
              tx -> tx.one("SELECT count(*) AS n FROM test_clocks", row -> row.whole("n")));
      assertThat(clocks).isZero();
      database.inTransaction(
          tx ->
              tx.execute(
                  "INSERT INTO test_clocks (id, name, now, created_at)"
                      + " VALUES ('c', 'c', now(), now())"));
    } finally {
      Await.result(vertx.close());
    }
  }

  @Test
  void start_keepsACopyAndBeginsWithIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("own/jar-2.zip");
    Files.createDirectory(
        file.getParent(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(folder.resolve("own/jar-1.zip"), "of the build before");
    Files.writeString(folder.resolve("own/other-1.zip"), "of another program");

    assertEmptyTables(new ClusterCopy(file));
    try (Stream<Path> kept = Files.list(file.getParent())) {
      assertThat(kept).containsExactlyInAnyOrder(file, folder.resolve("own/other-1.zip"));
    }
    Object made = Files.getLastModifiedTime(file);
    assertEmptyTables(new ClusterCopy(file));
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(made);

    Files.writeString(file, "no copy of anything");
    assertEmptyTables(new ClusterCopy(file));
    assertThat(Files.size(file)).isGreaterThan(100_000);
  }

  /** A plan is kept, and the table that was empty when it was made grows. */
  @Test
  void plan_ofAnEmptyTable_goesByItsIndex() throws IOException {
    Vertx vertx = Vertx.vertx();
    try (ScratchPostgres server = ScratchPostgres.start();
        Database database = server.open(vertx, 1)) {
      List<String> plan =
          database.inTransaction(
              tx ->
                  tx.list(
                      "EXPLAIN SELECT hash FROM audit_trail WHERE at > now()",
                      row -> row.text("QUERY PLAN")));
      assertThat(String.join("\n", plan)).contains("audit_trail_at").doesNotContain("Seq Scan");
    } finally {
      Await.result(vertx.close());
    }
  }

  @Test
  void copy_whereOthersMayWrite_isNotUsed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("open/jar-1.zip");
    Files.createDirectory(file.getParent());
    Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(file, "somebody else's");
    assertThat(new ClusterCopy(file).isThere()).isFalse();
    Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwx------"));
    assertThat(new ClusterCopy(file).isThere()).isTrue();
  }
}
