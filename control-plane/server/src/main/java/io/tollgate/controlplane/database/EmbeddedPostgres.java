package io.tollgate.controlplane.database;

import io.tollgate.yaml.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A real PostgreSQL server run by this process, from binaries that come with the program. It keeps
 * its data directory, listens on loopback only and trusts whoever reaches it there.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String SUPERUSER = "postgres";
  private static final String DATABASE = "postgres";

  private final io.zonky.test.db.postgres.embedded.EmbeddedPostgres server;

  private EmbeddedPostgres(io.zonky.test.db.postgres.embedded.EmbeddedPostgres server) {
    this.server = server;
  }

  /** How much the server may lose when the machine fails. */
  public enum Durability {
    /** Nothing that was committed: the write-ahead log is synced. */
    DURABLE,
    /** Everything: for tests, which begin anew each time. */
    THROWAWAY
  }

  /**
   * Starts a server on a data directory, which is made on the first start and kept afterwards.
   *
   * @param data the data directory
   * @param port 1 to 65535, or 0 for any free one
   * @throws DatabaseException if the port is taken or the server does not start within a minute
   */
  public static EmbeddedPostgres start(Path data, int port, Durability durability) {
    var builder =
        io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPGStartupWait(Duration.ofMinutes(1))
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "128MB")
            .setServerConfig("timezone", "UTC");
    if (port != 0) {
      builder.setPort(port);
    }
    if (durability == Durability.THROWAWAY) {
      builder
          .setServerConfig("fsync", "off")
          .setServerConfig("synchronous_commit", "off")
          .setServerConfig("full_page_writes", "off");
    } else {
      builder
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("full_page_writes", "on");
    }
    try {
      return new EmbeddedPostgres(builder.start());
    } catch (IOException | IllegalStateException e) {
      throw new DatabaseException(
          "PostgreSQL does not start on port %d with the data in %s: %s. Is the port taken? Choose another with --port or database.embedded.port."
              .formatted(port, data, e.getMessage()),
          e);
    }
  }

  /** The port the server listens on. */
  public int port() {
    return server.getPort();
  }

  /** How to reach the server as the role of run time {@code tollgate}. */
  public DatabaseSettings settings(int poolSize) {
    Secret trusted = new Secret("trusted");
    return new DatabaseSettings(
        "127.0.0.1",
        port(),
        DATABASE,
        new DatabaseSettings.Login("tollgate", trusted),
        new DatabaseSettings.Login(SUPERUSER, trusted),
        poolSize,
        Duration.ofSeconds(30));
  }

  /** Stops the server in order: running transactions are rolled back, the log is synced. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
