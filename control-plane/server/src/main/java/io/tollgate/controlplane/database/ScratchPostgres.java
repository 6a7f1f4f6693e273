package io.tollgate.controlplane.database;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL with this program's tables and no rows, which is gone when it is closed. The first
 * start makes the tables and keeps a copy of the data directory; later ones begin with the copy,
 * which takes a small part of the time.
 */
public final class ScratchPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchPostgres.class);

  /**
   * Every table begins empty and nobody analyses it: a plan that was made then reads the whole
   * table and would be kept while the table grows, and one made for each question costs more than
   * the answer.
   */
  private static final Map<String, String> PLANS =
      Map.of("enable_seqscan", "off", "plan_cache_mode", "force_generic_plan");

  private final Path data;
  private final EmbeddedPostgres server;
  private boolean closed;

  private ScratchPostgres(Path data, EmbeddedPostgres server) {
    this.data = data;
    this.server = server;
  }

  /**
   * Starts a server on a free port.
   *
   * @throws IOException if no directory can be made for its data
   * @throws DatabaseException if it does not start
   */
  public static ScratchPostgres start() throws IOException {
    return start(ClusterCopy.ofThisProgram());
  }

  static ScratchPostgres start(@Nullable ClusterCopy copy) throws IOException {
    if (copy != null && copy.isThere()) {
      Path data = Files.createTempDirectory("tollgate-scratch");
      try {
        copy.unpack(data);
        return new ScratchPostgres(data, started(data));
      } catch (IOException | DatabaseException e) {
        LOG.warn("{} is of no use and made anew: {}", copy, e.toString());
        copy.discard();
        remove(data);
      }
    }
    return made(copy);
  }

  private static ScratchPostgres made(@Nullable ClusterCopy copy) throws IOException {
    Path data = Files.createTempDirectory("tollgate-scratch");
    EmbeddedPostgres server = started(data);
    Migrations.run(server.settings(1));
    if (copy == null) {
      return new ScratchPostgres(data, server);
    }
    // Only a server that was stopped has all its data in the files.
    server.close();
    copy.pack(data);
    return new ScratchPostgres(data, started(data));
  }

  private static EmbeddedPostgres started(Path data) {
    return EmbeddedPostgres.start(data, 0, EmbeddedPostgres.Durability.THROWAWAY, PLANS);
  }

  /**
   * Connects.
   *
   * @param poolSize connections at most
   */
  public Database open(Vertx vertx, int poolSize) {
    return Database.connect(vertx, server.settings(poolSize));
  }

  /** Stops the server and removes its data, once. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      server.close();
    } finally {
      remove(data);
    }
  }

  private static void remove(Path data) {
    try (Stream<Path> all = Files.walk(data)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
