package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.AgendaStore.Next;
import io.tollgate.controlplane.time.AgendaStore.Taken;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All due work of all rooms in one table, shared by the replicas through row locks. Work is taken
 * in batches per kind, done and removed in one transaction. An entry that fails is tried again
 * after a pause and then set aside with its error, and the others go on.
 *
 * <p>Handlers are added while the program is put together, in the order in which kinds due at the
 * same instant are done; afterwards thread-safe.
 */
public final class Agenda implements Room, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agenda.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration[] PAUSES = {
    Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10)
  };

  private final Database database;
  private final InstantSource wall;
  private final Map<String, Handled> handlers = new LinkedHashMap<>();
  private final List<Thread> workers = new ArrayList<>();

  /** The batches on test clocks that are being done. */
  private final Map<Transaction, Round> rounds = new ConcurrentHashMap<>();

  private volatile int width = 2;
  private volatile boolean closed;

  private record Handled(WorkHandler handler, int batch, int hands) {}

  /** How a failure is treated: at the wall clock with patience, on a test clock at once. */
  private enum Patience {
    TRY_AGAIN,
    NONE
  }

  /** An agenda on the database. */
  public Agenda(Database database, InstantSource wall) {
    this.database = database;
    this.wall = wall;
  }

  /**
   * Adds the handler of a kind.
   *
   * @param batch how many entries one transaction takes at most
   */
  public void handle(String kind, int batch, WorkHandler handler) {
    handle(kind, batch, 1, handler);
  }

  /**
   * As {@link #handle(String, int, WorkHandler)}, for work that waits for others: one worker takes
   * several batches at once.
   *
   * @param hands how many, 1 or more; each keeps a connection to the database
   */
  public void handle(String kind, int batch, int hands, WorkHandler handler) {
    if (handlers.put(kind, new Handled(handler, batch, hands)) != null) {
      throw new IllegalStateException("two handlers for " + kind);
    }
  }

  /** Puts an entry on the agenda, or moves the one of the same kind and subject. */
  public void schedule(Transaction tx, Work work) {
    scheduleAll(tx, List.of(work));
  }

  /** As {@link #schedule} with one statement; no two of the same kind and subject. */
  public void scheduleAll(Transaction tx, List<Work> works) {
    if (!works.isEmpty()) {
      AgendaStore.upsert(tx, works);
      Quiet.of(tx).hear(works);
      Round round = rounds.get(tx);
      if (round != null) {
        round.look(works);
      }
    }
  }

  /** Takes an entry off the agenda, if it is there. */
  public void cancel(Transaction tx, String kind, String subject) {
    AgendaStore.delete(tx, kind, subject);
  }

  /**
   * Starts workers on this replica.
   *
   * @param count how many, 1 or more
   */
  public void start(int count) {
    width = Math.max(1, count);
    for (int i = 0; i < count; i++) {
      workers.add(Thread.ofVirtual().name("agenda-" + i).start(this::work));
    }
  }

  private void work() {
    while (!closed) {
      try {
        runDue();
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.error("the agenda could not be worked", e);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Does everything that is due by the wall clock now, in the caller's thread.
   *
   * @return how many entries were taken
   */
  public int runDue() {
    Instant now = wall.instant();
    int done = 0;
    int round;
    do {
      round = 0;
      for (String kind : due(now)) {
        round += drain(kind, null, now, Patience.TRY_AGAIN);
      }
      done += round;
    } while (round > 0 && !closed);
    return done;
  }

  /**
   * Does what is due on a test clock where it stops, kind by kind, several batches of a kind at
   * once; what that brings at the same instant is {@link #next} again. What fails is set aside.
   *
   * @return how many entries were taken
   */
  int runDue(String clock, Stop stop) {
    int done = 0;
    for (String kind : stop.kinds()) {
      done += drain(kind, clock, stop.at(), Patience.NONE);
    }
    return done;
  }

  /**
   * As {@link #runDue(String, Stop)}, in a transaction that holds the clock; what fails there fails
   * the transaction.
   *
   * @return how many entries were taken; empty, and nothing done, where work there waits for others
   *     and has transactions of its own
   */
  OptionalInt runDue(Transaction tx, String clock, Stop stop) {
    if (stop.kinds().stream().anyMatch(kind -> handled(kind).hands() > 1)) {
      return OptionalInt.empty();
    }
    int done = 0;
    for (String kind : stop.kinds()) {
      List<Taken> taken = new ArrayList<>();
      do {
        taken.clear();
        run(tx, kind, clock, stop.at(), taken);
        tx.endCommand();
        done += taken.size();
      } while (taken.size() >= handled(kind).batch());
    }
    return OptionalInt.of(done);
  }

  /** All kinds, in the order in which they are done. */
  Collection<String> kinds() {
    return handlers.keySet();
  }

  /**
   * Where a test clock stops next: asked now, answered for where it stands, and empty where nothing
   * is due.
   *
   * @param until where it is being moved to
   */
  Function<Instant, Optional<Stop>> next(Transaction tx, String clock, Instant until) {
    Supplier<List<Next>> next = AgendaStore.next(tx, handlers.keySet(), clock, until);
    return from -> Stop.of(next.get(), from);
  }

  /** What failed on a test clock and was set aside, first to last. */
  public List<SetAside> setAside(Transaction tx, String clock) {
    return AgendaStore.setAside(tx, clock);
  }

  private List<String> due(Instant now) {
    return database.looking(
        Database.EVERY_TENANT, tx -> AgendaStore.due(tx, handlers.keySet(), now));
  }

  /** Takes batches of a kind until one comes up empty. */
  private int drain(String kind, @Nullable String clock, Instant now, Patience patience) {
    int first = batch(kind, clock, now, patience);
    boolean more = first >= handled(kind).batch();
    // By the wall clock every worker goes round by itself; a test clock is moved by one thread.
    int wanted = Math.max(handled(kind).hands(), clock == null ? 1 : width);
    int hands = more ? wanted : 1;
    try (ExecutorService helpers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> others = new ArrayList<>();
      for (int i = 1; i < hands; i++) {
        others.add(helpers.submit(() -> batches(kind, clock, now, patience)));
      }
      boolean again = clock == null ? first > 0 : more;
      int done = first + (again ? batches(kind, clock, now, patience) : 0);
      for (Future<Integer> other : others) {
        done += Await.result(other);
      }
      return done;
    }
  }

  private int batches(String kind, @Nullable String clock, Instant now, Patience patience) {
    int done = 0;
    int batch;
    do {
      batch = batch(kind, clock, now, patience);
      done += batch;
    } while (batch > 0 && !closed);
    return done;
  }

  private int batch(String kind, @Nullable String clock, Instant now, Patience patience) {
    Handled handled = handled(kind);
    List<Taken> taken = new ArrayList<>();
    try {
      return database.inTransaction(
          tx -> {
            taken.clear();
            run(tx, kind, clock, now, taken);
            return taken.size();
          });
    } catch (RuntimeException e) {
      if (taken.isEmpty()) {
        throw e;
      }
      LOG.warn("a batch of {} {} failed; its entries come one by one", taken.size(), kind, e);
      taken.forEach(entry -> single(handled, entry, now, patience));
      return taken.size();
    }
  }

  private void run(
      Transaction tx, String kind, @Nullable String clock, Instant now, List<Taken> taken) {
    Handled handled = handled(kind);
    Round round = new Round(kind, now);
    if (clock != null) {
      rounds.put(tx, round);
    }
    try {
      // What a kind brings of itself at the same instant comes before other kinds.
      while (round.goesOn() && taken.size() < handled.batch()) {
        List<Taken> next = AgendaStore.take(tx, kind, clock, now, handled.batch());
        taken.addAll(next);
        if (!next.isEmpty()) {
          handled.handler().run(tx, next.stream().map(Taken::work).toList());
        }
      }
    } finally {
      rounds.remove(tx);
    }
  }

  private void single(Handled handled, Taken entry, Instant now, Patience patience) {
    try {
      database.inTransaction(
          tx -> {
            AgendaStore.takeOne(tx, entry.id(), now)
                .ifPresent(taken -> handled.handler().run(tx, List.of(taken.work())));
            return true;
          });
    } catch (RuntimeException e) {
      boolean last = patience == Patience.NONE || entry.attempts() >= PAUSES.length;
      LOG.error("{} failed and is {}", entry.work(), last ? "set aside" : "tried again later", e);
      Duration pause = last ? Duration.ZERO : PAUSES[entry.attempts()];
      database.inTransaction(
          tx -> {
            AgendaStore.failed(
                tx, entry.id(), String.valueOf(e), now.plus(pause), last ? wall.instant() : null);
            return true;
          });
    }
  }

  private Handled handled(String kind) {
    Handled handled = handlers.get(kind);
    if (handled == null) {
      throw new IllegalStateException("no handler for " + kind);
    }
    return handled;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/api/billing/agenda", Role.WATCHERS, this::overview).query("testClock");
    routes
        .get(
            "/api/billing/agenda/set-aside",
            Role.WATCHERS,
            (call, tx) -> {
              PageRequest page = call.page();
              return Reply.ok(
                  Page.of(
                      AgendaStore.setAside(tx, page), page, aside -> String.valueOf(aside.id())));
            })
        .paged();
    routes.post(
        "/api/billing/agenda/set-aside/{id}/retry",
        Role.STAFF,
        (call, tx) -> Reply.ok(retried(tx, call.path("id"))));
  }

  /** How far the runs are: by kind, what is due and not done, what is planned, what failed. */
  private Reply overview(Call call, Transaction tx) {
    String clock = call.query("testClock").orElse(null);
    Instant now =
        clock == null
            ? wall.instant()
            : ClockStore.find(tx, clock)
                .orElseThrow(() -> Problem.notFound("test clock", clock))
                .now();
    return Reply.ok(new Overview(now, AgendaStore.overview(tx, clock, now)));
  }

  private record Overview(Instant now, List<AgendaStore.Kind> kinds) {}

  private static SetAside retried(Transaction tx, String id) {
    if (!id.matches("\\d{1,18}")) {
      throw Problem.notFound("set-aside entry", id);
    }
    return AgendaStore.retry(tx, Long.parseLong(id))
        .orElseThrow(() -> Problem.notFound("set-aside entry", id));
  }

  /** Whether the program stops and nothing more is taken. */
  boolean isClosed() {
    return closed;
  }

  /** Stops the workers after the batch in hand. */
  @Override
  public void close() {
    closed = true;
    for (Thread worker : workers) {
      try {
        worker.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
