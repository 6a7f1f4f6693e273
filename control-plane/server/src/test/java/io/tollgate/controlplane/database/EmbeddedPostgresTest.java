package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
  @TempDir Path folder;

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static String ask(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(server.settings(1).jdbcUrl(), "postgres", "");
        Statement statement = connection.createStatement()) {
      return statement.execute(sql) ? first(statement.getResultSet()) : "";
    }
  }

  private static String first(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getString(1);
  }

  @Test
  void start_again_hasTheDataAndSyncsIt() throws IOException, SQLException {
    Path data = folder.resolve("data");
    int port = freePort();
    try (EmbeddedPostgres server =
        EmbeddedPostgres.start(data, port, EmbeddedPostgres.Durability.DURABLE)) {
      ask(server, "CREATE TABLE kept AS SELECT 42 AS answer");
      assertThat(ask(server, "SHOW fsync")).isEqualTo("on");
      assertThat(ask(server, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(ask(server, "SHOW listen_addresses")).isEqualTo("localhost");
      // A second server must not take the first for itself.
      assertThatThrownBy(
              () ->
                  EmbeddedPostgres.start(
                      folder.resolve("other"), port, EmbeddedPostgres.Durability.DURABLE))
          .isInstanceOf(PortTakenException.class)
          .hasMessageContaining("127.0.0.1:" + port)
          .hasMessageContaining("database.embedded.port");
    }
    try (EmbeddedPostgres server =
        EmbeddedPostgres.start(data, port, EmbeddedPostgres.Durability.DURABLE)) {
      assertThat(ask(server, "SELECT answer FROM kept")).isEqualTo("42");
    }
  }
}
