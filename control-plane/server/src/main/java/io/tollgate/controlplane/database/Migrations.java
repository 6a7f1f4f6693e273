package io.tollgate.controlplane.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the tables to this program's version, over JDBC and only at start. */
final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private Migrations() {}

  static void run(DatabaseSettings settings) {
    try (Connection connection = connected(settings)) {
      ensureAppRole(connection, settings);
    } catch (SQLException e) {
      throw new DatabaseException("the role of run time cannot be set up: " + e.getMessage(), e);
    }
    try {
      Flyway.configure()
          .dataSource(
              settings.jdbcUrl(),
              settings.migrator().user(),
              settings.migrator().password().reveal())
          .locations("classpath:db/migration")
          .validateMigrationNaming(true)
          // Numbers go by room: a room's next one is often smaller than the greatest there is.
          .outOfOrder(true)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new DatabaseException("the tables cannot be migrated: " + e.getMessage(), e);
    }
    try (Connection connection = connected(settings)) {
      grant(connection, settings);
    } catch (SQLException e) {
      throw new DatabaseException("the role of run time cannot be granted: " + e.getMessage(), e);
    }
  }

  /** Tries until the patience ends, so that both may be started at the same time. */
  private static Connection connected(DatabaseSettings settings) {
    long begun = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return DriverManager.getConnection(
            settings.jdbcUrl(),
            settings.migrator().user(),
            settings.migrator().password().reveal());
      } catch (SQLException e) {
        boolean late = System.nanoTime() - begun >= settings.patience().toNanos();
        if (late || !mayPass(e)) {
          throw unreachable(settings, attempt, e);
        }
        LOG.info("waiting for the database at {}: {}", settings.jdbcUrl(), e.getMessage());
      }
      pause();
    }
  }

  /** Connection failures and a server that is starting; not a wrong password or name. */
  private static boolean mayPass(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.equals("57P03") || state.equals("53300");
  }

  private static DatabaseUnreachableException unreachable(
      DatabaseSettings settings, int attempts, SQLException cause) {
    return new DatabaseUnreachableException(
        "no database: tried %s as %s %d time(s) within %d s, last answer: %s. Start PostgreSQL there, or set database.host, database.port, database.name and database.user."
            .formatted(
                settings.jdbcUrl(),
                settings.migrator().user(),
                attempts,
                settings.patience().toSeconds(),
                cause.getMessage()),
        cause);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("interrupted while waiting for the database", e);
    }
  }

  private static void ensureAppRole(Connection connection, DatabaseSettings settings)
      throws SQLException {
    String app = settings.app().user();
    try (Statement statement = connection.createStatement()) {
      String attributes;
      try (ResultSet role =
          statement.executeQuery(
              "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '" + app + "'")) {
        attributes = !role.next() ? "absent" : role.getBoolean(1) ? "mighty" : "plain";
      }
      if (attributes.equals("mighty")) {
        throw new DatabaseException(
            "the role "
                + app
                + " is a superuser or bypasses row-level security; set database.user to a plain role",
            null);
      }
      if (attributes.equals("absent")) {
        String password = settings.app().password().reveal().replace("'", "''");
        statement.execute("CREATE ROLE " + app + " LOGIN PASSWORD '" + password + "'");
      }
    }
  }

  private static void grant(Connection connection, DatabaseSettings settings) throws SQLException {
    String app = settings.app().user();
    try (Statement statement = connection.createStatement()) {
      statement.execute("GRANT USAGE ON SCHEMA public TO " + app);
      statement.execute(
          "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + app);
      statement.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO " + app);
      statement.execute("REVOKE ALL ON flyway_schema_history FROM " + app);
    }
  }
}
