package io.tollgate.controlplane.database;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A fresh, migrated database for a test class:
 *
 * <pre>{@code
 * @RegisterExtension static final TestDatabase DB = new TestDatabase();
 * }</pre>
 *
 * One real PostgreSQL runs for the whole test JVM; each class gets a clone of a migrated template,
 * which takes a fraction of a second.
 */
public final class TestDatabase implements BeforeAllCallback, AfterAllCallback {
  private static final int POOL_SIZE = 8;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private @Nullable Vertx vertx;
  private @Nullable Database database;
  private @Nullable DatabaseSettings settings;

  @Override
  public void beforeAll(ExtensionContext context) {
    open();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  /** Opens the clone, for those who are no JUnit Jupiter test, such as jqwik properties. */
  public TestDatabase open() {
    settings = Server.ONE.clone("test_" + NUMBER.incrementAndGet());
    vertx = Vertx.vertx();
    database = Database.connect(vertx, settings);
    return this;
  }

  /** Closes the connections. The clone goes with the server. */
  public void close() {
    if (database != null) {
      database.close();
    }
    if (vertx != null) {
      Await.result(vertx.close());
    }
  }

  /** The database under test. */
  public Database db() {
    return Objects.requireNonNull(database);
  }

  /** The Vert.x instance its connections live on. */
  public Vertx vertx() {
    return Objects.requireNonNull(vertx);
  }

  /** How to reach the clone, for a test that starts a process of its own. */
  public DatabaseSettings settings() {
    return Objects.requireNonNull(settings);
  }

  private static final class Server {
    static final Server ONE = new Server();

    private final EmbeddedPostgres postgres;
    private final DatabaseSettings template;

    private Server() {
      try {
        Path data = Files.createTempDirectory("tollgate-test-postgres");
        postgres = EmbeddedPostgres.start(data, 0, EmbeddedPostgres.Durability.THROWAWAY);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> discard(data)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      template = postgres.settings(POOL_SIZE).withName("template_tollgate");
      sql("CREATE DATABASE template_tollgate");
      Migrations.run(template);
    }

    synchronized DatabaseSettings clone(String name) {
      sql("CREATE DATABASE " + name + " TEMPLATE template_tollgate STRATEGY FILE_COPY");
      return template.withName(name);
    }

    private void sql(String statement) {
      DatabaseSettings root = postgres.settings(1);
      try (Connection connection =
              DriverManager.getConnection(root.jdbcUrl(), root.migrator().user(), "trusted");
          Statement run = connection.createStatement()) {
        run.execute(statement);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    private void discard(Path data) {
      postgres.close();
      try (Stream<Path> files = Files.walk(data)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
