package io.tollgate.controlplane.database;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An open transaction, spoken to in direct style: each call waits for its answer. Arguments take
 * the places {@code $1, $2, ...} of a prepared statement. Besides what the driver takes (text,
 * numbers, BigDecimal, booleans, LocalDate, arrays of those) an argument may be an {@link Instant},
 * an enum (stored by name), {@code byte[]} or a {@link Json}. To be used by one thread, {@link
 * #ask} apart; closed with the function it was given to.
 */
public final class Transaction {
  private final SqlConnection connection;
  private final Context loop;
  private final String scope;
  private final Queue<CompletableFuture<?>> asked = new ConcurrentLinkedQueue<>();

  /** Whether one state is seen throughout and nothing is written. */
  private final boolean looking;

  /** What was answered already, or is on its way. */
  private final Map<Question, Future<RowSet<io.vertx.sqlclient.Row>>> answered =
      new ConcurrentHashMap<>();

  /** Whether what is asked soon was foreseen, so that nobody needs a thread to wait for it. */
  private boolean foreseen;

  /** What was foreseen and goes with the next question. */
  private final List<Ahead> ahead = new ArrayList<>();

  /** What rooms keep in mind, by its kind. */
  private final Map<Class<?>, Object> memories = new ConcurrentHashMap<>();

  /** As {@link #memories}, of what nobody else can change before the end. */
  private final Map<Class<?>, Object> holdings = new ConcurrentHashMap<>();

  /** What was sent and not waited for. */
  private final Queue<Future<?>> sent = new ConcurrentLinkedQueue<>();

  /** What is to be done at the end. */
  private final List<Runnable> last = new ArrayList<>();

  /** What is to be written together before that. */
  private final List<Gathered<?>> gathered = new ArrayList<>();

  private record Ahead(String sql, Tuple arguments, Promise<RowSet<io.vertx.sqlclient.Row>> to) {}

  private record Gathered<T>(Class<T> kind, List<T> items, Consumer<List<T>> write) {}

  /** One that is begun, on a connection of this event loop. */
  Transaction(SqlConnection connection, Context loop, String scope, boolean looking) {
    this.connection = connection;
    this.loop = loop;
    this.scope = scope;
    this.looking = looking;
  }

  /** Whether one state is seen throughout and nothing is written. */
  public boolean isLooking() {
    return looking;
  }

  /** The tenant whose rows this transaction sees, or {@link Database#EVERY_TENANT}. */
  public String scope() {
    return scope;
  }

  /**
   * Asks without waiting for the answer, which {@link Supplier#get} of what is returned does. What
   * is asked in a row travels to the database together, so that ten questions cost hardly more time
   * than one.
   *
   * @param question reads and writes nothing; runs in a thread of its own, on this transaction
   */
  public <T> Supplier<T> ask(Supplier<T> question) {
    if (foreseen) {
      return Once.of(question);
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    asked.add(answer);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer.complete(question.get());
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              }
            });
    return () -> Await.result(answer);
  }

  /**
   * Does work behind a savepoint: of work that throws nothing stays, and the transaction goes on.
   */
  public void attempt(Runnable work) {
    send("SAVEPOINT attempt");
    int before = last.size();
    int gatheredBefore = gathered.size();
    try {
      work.run();
      execute("RELEASE SAVEPOINT attempt");
    } catch (RuntimeException e) {
      execute("ROLLBACK TO SAVEPOINT attempt");
      sent.clear();
      forget();
      holdings.clear();
      last.subList(before, last.size()).clear();
      gathered.subList(gatheredBefore, gathered.size()).clear();
      throw e;
    }
  }

  /**
   * Does work as the last thing before the commit, in the order in which it was given here. For a
   * row that many transactions want: what {@link #send} changes then travels with the commit, and
   * the row is held for no more than that.
   */
  public void last(Runnable work) {
    last.add(work);
  }

  /**
   * Ends one of several commands that share this transaction: what it wants done {@link #last} is
   * done, and the next one finds it so.
   */
  public void endCommand() {
    settle();
    last.forEach(Runnable::run);
    last.clear();
  }

  /**
   * Writes items together with all others of their kind, shortly before the end, in the order in
   * which they were given here.
   *
   * @param write is given all of them, once
   */
  public <T> void gather(Class<T> kind, List<T> items, Consumer<List<T>> write) {
    gathered.add(new Gathered<>(kind, List.copyOf(items), write));
  }

  /** Does what was kept for the end. */
  void finish() {
    writeGathered();
    last.forEach(Runnable::run);
    last.clear();
    writeGathered();
  }

  private void writeGathered() {
    List<Gathered<?>> all = List.copyOf(gathered);
    gathered.clear();
    all.stream().map(Gathered::kind).distinct().forEach(kind -> write(kind, all));
  }

  private static <T> void write(Class<T> kind, List<Gathered<?>> all) {
    List<T> items = new ArrayList<>();
    Consumer<List<T>> write = nothing -> {};
    for (Gathered<?> one : all) {
      if (one.kind() == kind) {
        @SuppressWarnings("unchecked") // Its kind says so.
        Gathered<T> own = (Gathered<T>) one;
        items.addAll(own.items());
        write = own.write();
      }
    }
    write.accept(items);
  }

  /**
   * Waits for what was sent, and tells its first failure.
   *
   * @throws ConflictException if a unique constraint was violated; the transaction is then lost
   */
  void complete() {
    List<Future<?>> all = new ArrayList<>(sent);
    sent.clear();
    try {
      all.forEach(Await::result);
    } catch (PgException e) {
      throw translated(e);
    }
  }

  /** Waits for what was asked, answered or failed: nothing of it comes after the end. */
  void settle() {
    for (var answer = asked.poll(); answer != null; answer = asked.poll()) {
      try {
        Await.result(answer);
      } catch (RuntimeException e) {
        // Whoever asked has seen it, or did not need the answer.
      }
    }
  }

  /** Every row of the answer, mapped. */
  public <T> List<T> list(String sql, Function<Row, T> mapping, @Nullable Object... arguments) {
    return mapped(run(sql, arguments), mapping);
  }

  private static <T> List<T> mapped(RowSet<io.vertx.sqlclient.Row> rows, Function<Row, T> mapping) {
    List<T> answer = new ArrayList<>(rows.size());
    for (io.vertx.sqlclient.Row row : rows) {
      answer.add(mapping.apply(new Row(row)));
    }
    return answer;
  }

  /**
   * As {@link #list}, without waiting: it travels with what follows, and {@link Supplier#get} waits
   * for it. Questions are answered in the order in which they are asked here, each by what those
   * before it did.
   */
  public <T> Supplier<List<T>> listLater(
      String sql, Function<Row, T> mapping, @Nullable Object... arguments) {
    Future<RowSet<io.vertx.sqlclient.Row>> asked =
        looking ? asked(sql, arguments) : ask(sql, arguments);
    sent.add(asked);
    return () -> mapped(result(() -> asked), mapping);
  }

  /** The answer's first row, mapped; empty where there is none. */
  public <T> Optional<T> first(
      String sql, Function<Row, T> mapping, @Nullable Object... arguments) {
    var rows = run(sql, arguments).iterator();
    return rows.hasNext() ? Optional.of(mapping.apply(new Row(rows.next()))) : Optional.empty();
  }

  /**
   * The answer's first row, mapped.
   *
   * @throws IllegalStateException if there is none
   */
  public <T> T one(String sql, Function<Row, T> mapping, @Nullable Object... arguments) {
    return first(sql, mapping, arguments)
        .orElseThrow(() -> new IllegalStateException("no row for: " + sql));
  }

  /**
   * Runs a statement and returns how many rows it changed.
   *
   * @throws ConflictException if a unique constraint was violated; the transaction is then lost
   */
  public int execute(String sql, @Nullable Object... arguments) {
    return run(sql, arguments).rowCount();
  }

  /**
   * Runs a statement whose answer nobody needs, without waiting for it: it travels with the next
   * one. Should it fail, the next call that waits says so, at the latest the transaction's end.
   */
  public void send(String sql, @Nullable Object... arguments) {
    sent.add(ask(sql, arguments));
  }

  /**
   * As {@link #list}, but asks once: the same question again is answered as it was the first time
   * in this transaction, until {@link #forget}. For what is asked often and changes seldom.
   */
  public <T> List<T> listOnce(String sql, Function<Row, T> mapping, @Nullable Object... arguments) {
    return mapped(result(() -> asked(sql, arguments)), mapping);
  }

  /**
   * Says what will be asked: it travels with the next question or {@link #askForeseen}, and its
   * answer is there when it is asked. What nobody foresaw goes by itself as ever. Only where
   * nothing is written, for then an answer cannot change; elsewhere nothing is done.
   */
  public void foresee(String sql, @Nullable Object... arguments) {
    Question question = new Question(sql, arguments);
    if (looking && !answered.containsKey(question)) {
      foreseen = true;
      Ahead one = new Ahead(sql, Arguments.tuple(arguments), Promise.promise());
      answered.put(question, one.to().future());
      sent.add(one.to().future());
      ahead.add(one);
    }
  }

  /** Sends what was foreseen. Each hand-over to the event loop costs more than a statement. */
  public void askForeseen() {
    if (!ahead.isEmpty()) {
      List<Ahead> all = List.copyOf(ahead);
      ahead.clear();
      loop.runOnContext(nothing -> all.forEach(this::send));
    }
  }

  private void send(Ahead one) {
    try {
      connection.preparedQuery(one.sql()).execute(one.arguments()).onComplete(one.to());
    } catch (RuntimeException e) {
      one.to().tryFail(e);
    }
  }

  /** Forgets what {@link #listOnce} was answered: others may have changed it meanwhile. */
  public void forget() {
    answered.clear();
    memories.clear();
  }

  /** Forgets what {@link #listOnce} was answered from a table: this transaction changed it. */
  public void forget(String table) {
    answered.keySet().removeIf(question -> question.mentions(table));
  }

  /**
   * What a room keeps in mind until {@link #forget()}: what it read, and may be seen as it was
   * first.
   *
   * @param kind the room's own
   * @param empty makes one that several threads may use
   */
  public <T> T memory(Class<T> kind, Supplier<T> empty) {
    return kind.cast(memories.computeIfAbsent(kind, any -> empty.get()));
  }

  /**
   * What a room keeps in mind to the transaction's end: what it has locked or written, so that no
   * other transaction changes it.
   *
   * @param kind the room's own
   * @param empty makes one that several threads may use
   */
  public <T> T holding(Class<T> kind, Supplier<T> empty) {
    return kind.cast(holdings.computeIfAbsent(kind, any -> empty.get()));
  }

  /**
   * Runs one statement for each element of {@code rows}, sent together without waiting between
   * them. Does nothing for no rows.
   *
   * @param rows the arguments of each run
   * @throws ConflictException if a unique constraint was violated; the transaction is then lost
   */
  public void executeBatch(String sql, List<@Nullable Object[]> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<Tuple> tuples = rows.stream().map(Arguments::tuple).toList();
    result(() -> connection.preparedQuery(sql).executeBatch(tuples));
  }

  private RowSet<io.vertx.sqlclient.Row> run(String sql, @Nullable Object[] arguments) {
    return result(() -> looking ? asked(sql, arguments) : ask(sql, arguments));
  }

  private Future<RowSet<io.vertx.sqlclient.Row>> asked(String sql, @Nullable Object[] arguments) {
    askForeseen();
    return answered.computeIfAbsent(new Question(sql, arguments), key -> ask(sql, arguments));
  }

  private <T> T result(Supplier<Future<T>> question) {
    try {
      return Await.result(question.get());
    } catch (PgException e) {
      // After a failure PostgreSQL refuses whatever follows: the first tells the reason.
      complete();
      throw translated(e);
    }
  }

  private Future<RowSet<io.vertx.sqlclient.Row>> ask(String sql, @Nullable Object[] arguments) {
    askForeseen();
    return connection.preparedQuery(sql).execute(Arguments.tuple(arguments));
  }

  private static RuntimeException translated(PgException e) {
    return "23505".equals(e.getSqlState())
        ? new ConflictException(String.valueOf(e.getConstraint()), e)
        : e;
  }
}
