package io.tollgate.controlplane.database;

import io.tollgate.yaml.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A real PostgreSQL server run by this process, from binaries that come with the program. It keeps
 * its data directory, listens on loopback only and trusts whoever reaches it there.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String SUPERUSER = "postgres";
  private static final String DATABASE = "postgres";

  /** Which line of postmaster.pid, from 0, has the port. */
  private static final int PORT_LINE = 3;

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
   *     <p>A server that a killed process left behind on the same data is taken over.
   * @param asked the port, 1 to 65535, or 0 for any free one and that of a server left behind
   * @throws PortTakenException if somebody else listens on the port
   * @throws DatabaseException if the server does not start within a minute
   */
  public static EmbeddedPostgres start(Path data, int asked, Durability durability) {
    return start(data, asked, durability, Map.of());
  }

  /**
   * As {@link #start(Path, int, Durability)}.
   *
   * @param more settings of the server besides, by name
   */
  static EmbeddedPostgres start(
      Path data, int asked, Durability durability, Map<String, String> more) {
    OptionalInt leftBehind = leftBehind(data);
    int port = asked == 0 ? leftBehind.orElse(0) : asked;
    if (port != 0 && leftBehind.orElse(0) != port) {
      refuseTakenPort(port);
    }
    var builder =
        io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPGStartupWait(Duration.ofMinutes(1))
            // Texts are compared byte by byte: keys several times as fast, one order everywhere.
            .setLocaleConfig("locale", "C")
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "128MB")
            .setServerConfig("max_wal_size", "2GB")
            .setServerConfig("jit", "off")
            .setServerConfig("timezone", "UTC");
    if (port != 0) {
      builder.setPort(port);
    }
    if (durability == Durability.THROWAWAY) {
      builder
          .setServerConfig("fsync", "off")
          .setServerConfig("synchronous_commit", "off")
          .setServerConfig("full_page_writes", "off")
          .setServerConfig("wal_level", "minimal")
          .setServerConfig("max_wal_senders", "0")
          .setServerConfig("update_process_title", "off");
    } else {
      builder
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("full_page_writes", "on");
    }
    more.forEach(builder::setServerConfig);
    try {
      return new EmbeddedPostgres(builder.start());
    } catch (IOException | IllegalStateException e) {
      throw new DatabaseException(
          "PostgreSQL does not start on port %d with the data in %s: %s"
              .formatted(port, data, e.getMessage()),
          e);
    }
  }

  /**
   * Otherwise whoever listens there would be taken for the server that was started, another
   * PostgreSQL with other data included.
   */
  private static void refuseTakenPort(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new PortTakenException(
          "127.0.0.1:%d, where PostgreSQL is to listen, is taken; choose another port: --port of the command postgres, --database-port or database.embedded.port of the server"
              .formatted(port),
          e);
    }
  }

  /** The port of a server of this data directory that still runs: postmaster.pid tells. */
  private static OptionalInt leftBehind(Path data) {
    Path file = data.resolve("postmaster.pid");
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      boolean runs =
          lines.size() > PORT_LINE
              && ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                  .map(ProcessHandle::isAlive)
                  .orElse(false);
      return runs
          ? OptionalInt.of(Integer.parseInt(lines.get(PORT_LINE).strip()))
          : OptionalInt.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty();
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
