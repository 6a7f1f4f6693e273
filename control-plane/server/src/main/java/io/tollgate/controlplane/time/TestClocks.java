package io.tollgate.controlplane.time;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Patience;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clocks that tenants can be attached to and that move by command. Moving one does everything that
 * becomes due on the way, instant by instant in order. A request waits for that at most a minute
 * and then answers 202; the clock itself says how far it is. To be put into the program only where
 * the configuration enables it, never beside live tenants. Thread-safe.
 */
public final class TestClocks implements Room {
  private static final Logger LOG = LoggerFactory.getLogger(TestClocks.class);
  private static final String PATH = "/api/billing/test-clocks";

  private final Database database;
  private final Agenda agenda;
  private final Audit audit;
  private final InstantSource wall;
  private final Ids ids;
  private Runnable afterStep;
  private final Map<String, CompletableFuture<TestClock>> moves = new ConcurrentHashMap<>();
  private Consumer<TestClock> atRest = clock -> {};

  /**
   * Test clocks on the database.
   *
   * @param afterStep run after each step, so that what follows from it has happened too: the
   *     outbox's draining
   */
  public TestClocks(
      Database database,
      Agenda agenda,
      Audit audit,
      InstantSource wall,
      Ids ids,
      Runnable afterStep) {
    this.database = database;
    this.agenda = agenda;
    this.audit = audit;
    this.wall = wall;
    this.ids = ids;
    this.afterStep = afterStep;
  }

  /**
   * Lets nothing follow by itself where a clock goes or rests: whoever looks derives what it needs.
   * While the program is put together.
   */
  public void followNothing() {
    afterStep = () -> {};
    atRest = clock -> {};
  }

  /** Says what follows when a clock has come to rest. While the program is put together. */
  public void whenAtRest(Consumer<TestClock> follower) {
    atRest = follower;
  }

  /** Makes a clock that stands at an instant. */
  public TestClock create(Transaction tx, String name, Instant now) {
    TestClock clock = new TestClock(ids.next("clk"), name, now, null, null, 0, null);
    ClockStore.insert(tx, clock, wall.instant());
    return clock;
  }

  /** The clock; empty where there is none of this id. */
  public Optional<TestClock> find(Transaction tx, String clock) {
    return ClockStore.find(tx, clock);
  }

  /**
   * Lets a tenant live by a clock from now on.
   *
   * @throws Problem 422 if there is no such clock
   */
  public void attach(Transaction tx, String clock, String tenant) {
    if (ClockStore.find(tx, clock).isEmpty()) {
      throw Problem.invalid("testClock", "there is no test clock " + clock);
    }
    ClockStore.attach(tx, clock, tenant);
  }

  /**
   * Moves a clock forward and does everything due on the way. Blocks until all is done. After a
   * crash in the middle the same call goes on from where it stopped; two replicas that are asked
   * the same share the work.
   *
   * @throws Problem 404 if there is no such clock, 409 if it is being moved elsewhere or stands
   *     later already
   */
  public TestClock advance(String clock, Instant to) {
    return rested(moved(clock, to, begin(clock, to)));
  }

  /** Holds a clock to the transaction's end, to move it within. */
  public HeldClock hold(Transaction tx, String clock) {
    return new HeldClock(tx, clock, agenda);
  }

  /**
   * How far a clock on its way is.
   *
   * @param stop what is due next; null where nothing is any more and the clock rests
   */
  private record Way(TestClock clock, @Nullable Stop stop) {}

  private TestClock moved(String clock, Instant to, Way begun) {
    Way way = begun;
    while (way.stop() != null) {
      long done = agenda.runDue(clock, way.stop());
      afterStep.run();
      way = step(clock, to, done);
    }
    return way.clock();
  }

  /** Sets out; at rest there already where nothing is due on the way. */
  private Way begin(String clock, Instant to) {
    return database.inTransaction(
        tx -> {
          Way found = locked(tx, clock, to);
          TestClock stands = found.clock();
          if (stands.advancingTo() != null && !stands.advancingTo().equals(to)) {
            throw Problem.inState(
                "the clock is being moved to " + stands.advancingTo(),
                "advancing",
                List.of("advance to " + stands.advancingTo()));
          }
          if (to.isBefore(stands.now())) {
            throw Problem.inState(
                "the clock stands at " + stands.now() + " and cannot go back to " + to,
                "at rest",
                List.of("advance to a later instant"));
          }
          Stop stop = found.stop();
          if (stop != null) {
            ClockStore.begin(tx, stands, to);
            ClockStore.step(tx, clock, stop.at(), 0);
            return found;
          }
          boolean there = to.equals(stands.now()) && stands.advancingTo() == null;
          return new Way(there ? stands : ClockStore.rest(tx, clock, to), null);
        });
  }

  /** Goes to the next instant at which something is due, or to the end where nothing is. */
  private Way step(String clock, Instant to, long done) {
    if (agenda.isClosed()) {
      throw new IllegalStateException("the program stops; the same command goes on from here");
    }
    return database.inTransaction(
        tx -> {
          Way found = locked(tx, clock, to);
          Stop stop = found.stop();
          if (stop == null) {
            return new Way(ClockStore.finish(tx, clock, to, done), null);
          }
          ClockStore.step(tx, clock, stop.at(), done);
          return found;
        });
  }

  private TestClock rested(TestClock clock) {
    atRest.accept(clock);
    afterStep.run();
    return clock;
  }

  /** Locks a clock and looks how far it is; asked together, answered one after the other. */
  private Way locked(Transaction tx, String clock, Instant to) {
    Supplier<List<TestClock>> locked = ClockStore.lock(tx, clock);
    Function<Instant, Optional<Stop>> next = agenda.next(tx, clock, to);
    TestClock stands =
        locked.get().stream().findFirst().orElseThrow(() -> Problem.notFound("test clock", clock));
    return new Way(stands, next.apply(stands.now()).orElse(null));
  }

  @Override
  public void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::create);
    routes
        .get(
            PATH,
            Role.WATCHERS,
            (call, tx) -> {
              PageRequest page = call.page();
              return Reply.ok(Page.of(ClockStore.page(tx, page), page, TestClock::id));
            })
        .paged();
    routes.get(
        PATH + "/{id}",
        Role.WATCHERS,
        (call, tx) ->
            Reply.ok(
                find(tx, call.path("id"))
                    .orElseThrow(() -> Problem.notFound("test clock", call.path("id")))));
    routes.postDirect(PATH + "/{id}/advance", Role.STAFF, this::advance);
  }

  private Reply create(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    String name = fields.findText("name").orElse("test clock");
    Instant now = fields.instant("now");
    fields.close();
    TestClock clock = create(tx, name, now);
    audit.record(
        tx, call.principal().id(), "test-clock.created", clock.id(), null, Map.of("now", now));
    return Reply.created(PATH + "/" + clock.id(), clock);
  }

  private Reply advance(Call call) {
    JsonFields fields = call.fields();
    Instant to = fields.instant("to");
    fields.close();
    String clock = call.path("id");
    Way begun = begin(clock, to);
    String actor = call.principal().id();
    CompletableFuture<TestClock> move =
        moves.computeIfAbsent(
            clock + " " + to,
            key ->
                CompletableFuture.supplyAsync(
                    () -> moved(clock, to, begun, actor), task -> Thread.ofVirtual().start(task)));
    return Patience.of(call).wait(move).map(Reply::ok).orElseGet(() -> underWay(clock));
  }

  private TestClock moved(String clock, Instant to, Way begun, String actor) {
    try {
      TestClock rests = rested(moved(clock, to, begun));
      database.inTransaction(
          tx -> {
            audit.record(tx, actor, "test-clock.advanced", clock, null, Map.of("to", to));
            return true;
          });
      return rests;
    } catch (RuntimeException e) {
      LOG.error("test clock {} stopped on its way to {}", clock, to, e);
      database.inTransaction(
          tx -> {
            ClockStore.stopped(tx, clock, String.valueOf(e));
            return true;
          });
      throw e;
    } finally {
      moves.remove(clock + " " + to);
    }
  }

  private Reply underWay(String clock) {
    TestClock stands =
        database.inTransaction(
            tx -> find(tx, clock).orElseThrow(() -> Problem.notFound("test clock", clock)));
    return Reply.accepted(stands).header("Location", PATH + "/" + clock).header("Retry-After", "2");
  }
}
