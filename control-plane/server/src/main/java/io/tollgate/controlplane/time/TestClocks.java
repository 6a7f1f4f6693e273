package io.tollgate.controlplane.time;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Clocks that tenants can be attached to and that move by command. Moving one does everything that
 * becomes due on the way, instant by instant in order, and answers when all is done. To be put into
 * the program only where the configuration enables it, never beside live tenants. Thread-safe.
 */
public final class TestClocks implements Room {
  private static final String PATH = "/api/billing/test-clocks";

  private final Database database;
  private final Agenda agenda;
  private final Audit audit;
  private final InstantSource wall;
  private final Ids ids;
  private final Runnable afterStep;

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

  /** Makes a clock that stands at an instant. */
  public TestClock create(Transaction tx, String name, Instant now) {
    TestClock clock = new TestClock(ids.next("clk"), name, now, null);
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
   * crash in the middle the same call goes on from where it stopped.
   *
   * @throws Problem 404 if there is no such clock, 409 if it is being moved elsewhere or stands
   *     later already
   */
  public TestClock advance(String clock, Instant to) {
    begin(clock, to);
    Optional<Instant> next = next(clock, to);
    while (next.isPresent()) {
      step(clock, next.get(), to);
      next = next(clock, to);
    }
    return finish(clock, to);
  }

  private Optional<Instant> next(String clock, Instant to) {
    return database.inTransaction(tx -> AgendaStore.next(tx, clock, to));
  }

  private void begin(String clock, Instant to) {
    database.inTransaction(
        tx -> {
          TestClock stands =
              ClockStore.lock(tx, clock).orElseThrow(() -> Problem.notFound("test clock", clock));
          if (stands.advancingTo() != null && !stands.advancingTo().equals(to)) {
            throw Problem.conflict("the clock is being moved to " + stands.advancingTo());
          }
          if (to.isBefore(stands.now())) {
            throw Problem.conflict(
                "the clock stands at " + stands.now() + " and cannot go back to " + to);
          }
          ClockStore.set(tx, clock, stands.now(), to);
          return true;
        });
  }

  private void step(String clock, Instant due, Instant to) {
    Instant now =
        database.inTransaction(
            tx -> {
              TestClock stands =
                  ClockStore.lock(tx, clock)
                      .orElseThrow(() -> Problem.notFound("test clock", clock));
              Instant later = due.isAfter(stands.now()) ? due : stands.now();
              ClockStore.set(tx, clock, later, to);
              return later;
            });
    agenda.runDue(clock, now);
    afterStep.run();
  }

  private TestClock finish(String clock, Instant to) {
    database.inTransaction(
        tx -> {
          ClockStore.set(tx, clock, to, null);
          return true;
        });
    afterStep.run();
    return database.inTransaction(
        tx -> ClockStore.find(tx, clock).orElseThrow(() -> Problem.notFound("test clock", clock)));
  }

  @Override
  public void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::create);
    routes.get(
        PATH,
        Role.WATCHERS,
        (call, tx) -> {
          PageRequest page = call.page();
          return Reply.ok(Page.of(ClockStore.page(tx, page), page, TestClock::id));
        });
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
    TestClock clock = advance(call.path("id"), to);
    database.inTransaction(
        tx -> {
          audit.record(
              tx, call.principal().id(), "test-clock.advanced", clock.id(), null, Map.of("to", to));
          return true;
        });
    return Reply.ok(clock);
  }
}
