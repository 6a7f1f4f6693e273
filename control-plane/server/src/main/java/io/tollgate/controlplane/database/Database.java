package io.tollgate.controlplane.database;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL in direct style: a function gets a {@link Transaction} and its return commits, its
 * exception rolls back. Call it from a virtual thread (or a test's own thread), never from an event
 * loop. Thread-safe.
 *
 * <p>Every transaction has a scope, which row-level security enforces: one tenant's id, or {@link
 * #EVERY_TENANT} for staff and system work.
 */
public final class Database implements AutoCloseable {
  /** The scope that sees the rows of all tenants. */
  public static final String EVERY_TENANT = "*";

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final Pattern SCOPE = Pattern.compile("\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /** Serialization failure and deadlock: the same work can succeed when it is done again. */
  private static final Set<String> AGAIN = Set.of("40001", "40P01");

  private static final int TRIES = 5;

  /** Who waits for a connection when all are taken: at most so many, so long. */
  private static final int WAITING = 2_000;

  private static final int PATIENCE_SECONDS = 30;

  private static final String LOOK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

  private final Vertx vertx;
  private final Pool pool;
  private final PgSubscriber subscriber;

  /** A connection on which a transaction was begun, and its event loop. */
  private record Begun(SqlConnection connection, Future<?> beginning, Context loop) {}

  private Database(Vertx vertx, Pool pool, PgSubscriber subscriber) {
    this.vertx = vertx;
    this.pool = pool;
    this.subscriber = subscriber;
  }

  /**
   * Connects and brings the tables to this program's version.
   *
   * @throws DatabaseUnreachableException if nobody answered within the settings' patience
   * @throws DatabaseException if a migration failed or the role of run time could pass row-level
   *     security by
   */
  public static Database open(Vertx vertx, DatabaseSettings settings) {
    Migrations.run(settings);
    return connect(vertx, settings);
  }

  /** As {@link #open}, for a database whose tables are known to be of this version. */
  static Database connect(Vertx vertx, DatabaseSettings settings) {
    PgConnectOptions options =
        new PgConnectOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setDatabase(settings.name())
            .setUser(settings.app().user())
            .setPassword(settings.app().password().reveal())
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheMaxSize(512)
            .setPipeliningLimit(64);
    options.addProperty("application_name", "tollgate");
    Pool pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(options)
            .with(
                new PoolOptions()
                    .setMaxSize(settings.poolSize())
                    .setMaxWaitQueueSize(WAITING)
                    .setConnectionTimeout(PATIENCE_SECONDS)
                    .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                    .setName("tollgate"))
            .build();
    PgSubscriber subscriber = PgSubscriber.subscriber(vertx, new PgConnectOptions(options));
    subscriber.reconnectPolicy(retries -> Math.min(1000L, 50L * (retries + 1)));
    return new Database(vertx, pool, subscriber);
  }

  /** Runs work that sees every tenant's rows. */
  public <T> T inTransaction(Function<Transaction, T> work) {
    return inTransaction(EVERY_TENANT, work);
  }

  /**
   * Runs work that sees one tenant's rows only. On a deadlock or a serialization failure the work
   * is run again from its beginning, so it must keep its effects in the transaction.
   *
   * @param scope a tenant's id, or {@link #EVERY_TENANT}
   */
  public <T> T inTransaction(String scope, Function<Transaction, T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(scope, work);
      } catch (PgException e) {
        if (attempt == TRIES || !AGAIN.contains(String.valueOf(e.getSqlState()))) {
          throw e;
        }
        LOG.debug("transaction is run again after {}", e.getSqlState());
      }
    }
  }

  /**
   * Runs work that only looks, at one moment's state: a write fails, and a question asked twice is
   * answered from the first answer. Its end is not waited for, as nothing can be lost.
   *
   * @param scope a tenant's id, or {@link #EVERY_TENANT}
   */
  public <T> T looking(String scope, Function<Transaction, T> work) {
    return looking(LOOK, scope, work);
  }

  /**
   * As {@link #looking}, for work that asks for a few rows by their keys and for nothing else: a
   * statement's plan is then the same whatever its arguments, and need not be made at each time.
   */
  public <T> T lookingUp(String scope, Function<Transaction, T> work) {
    return looking(LOOK + "; SET LOCAL plan_cache_mode = force_generic_plan", scope, work);
  }

  private <T> T looking(String begin, String scope, Function<Transaction, T> work) {
    Begun begun = begin(begin, scope);
    SqlConnection connection = begun.connection();
    T answer;
    try {
      answer = within(begun, new Transaction(connection, begun.loop(), scope, true), work);
    } catch (RuntimeException | Error e) {
      connection.close();
      throw e;
    }
    begun
        .loop()
        .runOnContext(
            nothing -> {
              connection
                  .query("COMMIT")
                  .execute()
                  .onFailure(e -> LOG.debug("the end of a look failed: {}", e.toString()));
              connection.close();
            });
    return answer;
  }

  private <T> T once(String scope, Function<Transaction, T> work) {
    Begun begun = begin("BEGIN", scope);
    SqlConnection connection = begun.connection();
    try {
      Transaction transaction = new Transaction(connection, begun.loop(), scope, false);
      T answer = within(begun, transaction, work);
      Await.result(connection.query("COMMIT").execute());
      // Where one of them failed, PostgreSQL rolled back in place of the COMMIT.
      transaction.complete();
      return answer;
    } finally {
      connection.close();
    }
  }

  private static <T> T within(Begun begun, Transaction transaction, Function<Transaction, T> work) {
    try {
      T answer = work.apply(transaction);
      transaction.settle();
      transaction.finish();
      Await.result(begun.beginning());
      return answer;
    } catch (RuntimeException | Error e) {
      transaction.settle();
      rollBack(begun.connection(), e);
      throw e;
    }
  }

  /**
   * Begins a transaction on the event loop that has the connection, where the thread that waits for
   * the connection need not be woken for it.
   */
  private Begun begin(String begin, String scope) {
    if (!SCOPE.matcher(scope).matches()) {
      throw new IllegalArgumentException("not a tenant's id: " + scope);
    }
    // One message for both, and the first statement follows without waiting for its answer: outside
    // of the scope row-level security shows and takes no row, should it ever fail.
    String statements = begin + "; SET LOCAL tollgate.tenant = '" + scope + "'";
    Context loop = vertx.getOrCreateContext();
    Promise<Begun> begun = Promise.promise();
    loop.runOnContext(
        nothing ->
            pool.getConnection()
                .map(
                    connection ->
                        new Begun(connection, connection.query(statements).execute(), loop))
                .onComplete(begun));
    try {
      return Await.result(begun.future());
    } catch (PgException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DatabaseUnreachableException("no connection: " + e.getMessage(), e);
    }
  }

  private static void rollBack(SqlConnection connection, Throwable reason) {
    try {
      Await.result(connection.query("ROLLBACK").execute());
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Listens to a channel of NOTIFY. Reconnects by itself; what was sent meanwhile is missed, so a
   * listener treats the message as a hint and also looks by itself now and then.
   *
   * <p>Returns when the server listens: nothing sent afterwards is missed.
   *
   * @param channel a plain lower-case name; one listener each
   * @param listener called on an event loop with the payload; must not block
   */
  public void listen(String channel, Consumer<String> listener) {
    if (subscriber.actualConnection() == null) {
      Await.result(subscriber.connect());
    }
    Promise<Void> listening = Promise.promise();
    subscriber
        .channel(channel)
        .subscribeHandler(nothing -> listening.tryComplete())
        .handler(listener::accept);
    Await.result(listening.future());
  }

  /** Whether the database answers. */
  public boolean isReachable() {
    try {
      Await.result(pool.query("SELECT 1").execute());
      return true;
    } catch (RuntimeException e) {
      LOG.warn("database does not answer: {}", e.toString());
      return false;
    }
  }

  /** Closes every connection. Work still running fails. */
  @Override
  public void close() {
    Await.result(subscriber.close());
    Await.result(pool.close());
  }
}
