package io.tollgate.controlplane.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AgendaTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());
  private Agenda agenda = newAgenda();

  @BeforeEach
  void clear() {
    DB.db().inTransaction(tx -> tx.execute("DELETE FROM agenda"));
  }

  private Agenda newAgenda() {
    Agenda made = new Agenda(DB.db(), now::get);
    made.handle(
        "bill",
        3,
        (tx, due) -> {
          for (DueWork work : due) {
            done.add("bill " + work.subject() + " " + work.now());
            if (work.subject().startsWith("poison")) {
              throw new IllegalStateException("poisoned " + work.subject());
            }
            if (work.subject().equals("monthly")) {
              made.schedule(
                  tx,
                  new Work(
                      work.tenant(), "bill", "monthly", work.dueAt().plus(DAY.multipliedBy(30))));
            }
            tx.execute(
                "INSERT INTO idempotency (principal, key, fingerprint, created_at)"
                    + " VALUES ('agenda-test', $1, '', now())",
                work.subject() + work.dueAt());
          }
        });
    made.handle(
        "remind",
        10,
        (tx, due) -> due.forEach(work -> done.add("remind " + work.subject() + " " + work.now())));
    made.handle("ask", 1, 2, (tx, due) -> due.forEach(work -> done.add("ask " + work.subject())));
    return made;
  }

  private void schedule(Work... works) {
    DB.db()
        .inTransaction(
            tx -> {
              agenda.scheduleAll(tx, List.of(works));
              return true;
            });
  }

  @Test
  void runDue_doesWhatIsDueOnceAndLeavesTheRest() {
    schedule(
        new Work("t", "bill", "a", START),
        new Work("t", "bill", "b", START.minusSeconds(5)),
        new Work("t", "bill", "later", START.plusSeconds(1)));
    assertThat(agenda.runDue()).isEqualTo(2);
    assertThat(agenda.runDue()).isZero();
    assertThat(done).containsExactly("bill b " + START, "bill a " + START);
    now.set(START.plusSeconds(1));
    assertThat(agenda.runDue()).isEqualTo(1);
  }

  @Test
  void schedule_again_movesTheEntry() {
    schedule(new Work("t", "remind", "x", START));
    schedule(new Work("t", "remind", "x", START.plus(DAY)));
    assertThat(agenda.runDue()).isZero();
    DB.db()
        .inTransaction(
            tx -> {
              agenda.cancel(tx, "remind", "x");
              return true;
            });
    now.set(START.plus(DAY));
    assertThat(agenda.runDue()).isZero();
  }

  @Test
  void runDue_poisonedEntry_isSetAsideWhileOthersGoOn() {
    schedule(
        new Work("t", "bill", "good1", START),
        new Work("u", "bill", "poison", START),
        new Work("v", "bill", "good2", START));
    for (int i = 0; i < 4; i++) {
      agenda.runDue();
      now.set(START.plus(DAY.multipliedBy(i + 1L)));
    }
    assertThat(done.stream().filter(line -> line.startsWith("bill good2")).count())
        .as("the batch is rolled back once, then each entry is done by itself")
        .isEqualTo(1);
    try (TestApi api = TestApi.start(DB, now::get, agenda)) {
      var aside = api.as("viewer").get("/api/billing/agenda/set-aside").json().path("items");
      assertThat(aside).hasSize(1);
      assertThat(aside.get(0).path("tenant").asText()).isEqualTo("u");
      assertThat(aside.get(0).path("error").asText()).contains("poisoned");
      String id = aside.get(0).path("id").asText();
      assertThat(
              api.as("operator")
                  .post("/api/billing/agenda/set-aside/" + id + "/retry", "")
                  .status())
          .isEqualTo(200);
      assertThat(api.as("viewer").get("/api/billing/agenda/set-aside").json().path("items"))
          .isEmpty();
      assertThat(
              api.as("operator")
                  .post("/api/billing/agenda/set-aside/" + id + "/retry", "")
                  .status())
          .isEqualTo(404);
    }
  }

  @Test
  void runDue_manyReplicas_doEachEntryOnce() {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      works.add(new Work("t" + i, "bill", "n" + i, START));
    }
    schedule(works.toArray(Work[]::new));
    try (ExecutorService replicas = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        replicas.execute(() -> newAgenda().runDue());
      }
    }
    assertThat(done).hasSize(200).doesNotHaveDuplicates();
  }

  private TestClocks clocks(List<String> steps) {
    InstantSource wall = now::get;
    return new TestClocks(
        DB.db(),
        agenda,
        new Audit(wall),
        wall,
        new Ids(wall, new SecureRandom()),
        () -> steps.add("step"));
  }

  private String attached(TestClocks clocks, String tenant) {
    return DB.db()
        .inTransaction(
            tx -> {
              String clock = clocks.create(tx, "test", START).id();
              clocks.attach(tx, clock, tenant);
              return clock;
            });
  }

  @Test
  void advance_firesEverythingDueInOrder() {
    List<String> steps = new ArrayList<>();
    TestClocks clocks = clocks(steps);
    String clock = attached(clocks, "clocked");
    schedule(
        new Work("clocked", "bill", "monthly", START.plus(DAY.multipliedBy(30))),
        new Work("clocked", "remind", "r", START.plus(DAY.multipliedBy(40))),
        new Work("clocked", "remind", "same", START.plus(DAY.multipliedBy(60))),
        new Work("other", "remind", "wall", START.plus(DAY)));

    TestClock moved = clocks.advance(clock, START.plus(DAY.multipliedBy(90)));

    assertThat(moved.now()).isEqualTo(START.plus(DAY.multipliedBy(90)));
    assertThat(moved.advancingTo()).isNull();
    assertThat(done)
        .containsExactly(
            "bill monthly " + START.plus(DAY.multipliedBy(30)),
            "remind r " + START.plus(DAY.multipliedBy(40)),
            "bill monthly " + START.plus(DAY.multipliedBy(60)),
            "remind same " + START.plus(DAY.multipliedBy(60)),
            "bill monthly " + START.plus(DAY.multipliedBy(90)));
    assertThat(steps).hasSize(5);
  }

  @Test
  void advance_poisonedEntry_isSetAsideAndTheRestGoesOn() {
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "sick");
    schedule(
        new Work("sick", "bill", "poison-1", START.plus(DAY)),
        new Work("sick", "remind", "after", START.plus(DAY.multipliedBy(2))));
    clocks.advance(clock, START.plus(DAY.multipliedBy(3)));
    assertThat(done).contains("remind after " + START.plus(DAY.multipliedBy(2)));
  }

  private boolean held(TestClocks clocks, String clock, Instant... stops) {
    return DB.db()
        .inTransaction(
            tx -> {
              HeldClock held = clocks.hold(tx, clock);
              return List.of(stops).stream().allMatch(held::advance);
            });
  }

  private TestClock now(TestClocks clocks, String clock) {
    return DB.db().inTransaction(tx -> clocks.find(tx, clock)).orElseThrow();
  }

  @Test
  void hold_firesInOrderWhatTheSameClockWouldByItself() {
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "carried");
    schedule(
        new Work("carried", "remind", "same", START.plus(DAY.multipliedBy(31))),
        new Work("carried", "bill", "monthly", START.plus(DAY.multipliedBy(31))),
        new Work("carried", "remind", "r", START.plus(DAY.multipliedBy(41))));

    Instant end = START.plus(DAY.multipliedBy(62));
    assertThat(held(clocks, clock, START, START.plus(DAY.multipliedBy(31)), end)).isTrue();

    assertThat(now(clocks, clock).now()).isEqualTo(end);
    assertThat(now(clocks, clock).done()).isEqualTo(4);
    assertThat(done)
        .containsExactly(
            "bill monthly " + START.plus(DAY.multipliedBy(31)),
            "remind same " + START.plus(DAY.multipliedBy(31)),
            "remind r " + START.plus(DAY.multipliedBy(41)),
            "bill monthly " + START.plus(DAY.multipliedBy(61)));
    assertThat(held(clocks, clock, START)).as("the way back").isFalse();
  }

  @Test
  void hold_poisonedEntry_undoesAllOfItAndAdvanceSetsItAside() {
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "sick-held");
    schedule(
        new Work("sick-held", "remind", "before", START.plus(DAY)),
        new Work("sick-held", "bill", "poison-2", START.plus(DAY.multipliedBy(2))));
    Instant end = START.plus(DAY.multipliedBy(3));

    assertThatThrownBy(() -> held(clocks, clock, end)).hasMessageContaining("poisoned");
    assertThat(now(clocks, clock).now()).isEqualTo(START);

    done.clear();
    assertThat(clocks.advance(clock, end).now()).isEqualTo(end);
    assertThat(done).contains("remind before " + START.plus(DAY));
    List<SetAside> aside = DB.db().inTransaction(tx -> agenda.setAside(tx, clock));
    assertThat(aside).hasSize(1);
  }

  @Test
  void hold_workThatWaitsForOthers_stopsThereAndAdvanceGoesOn() {
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "asking");
    Instant end = START.plus(DAY.multipliedBy(3));
    schedule(new Work("asking", "ask", "provider", START.plus(DAY)));

    assertThat(held(clocks, clock, end)).isFalse();
    assertThat(done).isEmpty();
    assertThat(now(clocks, clock).now()).isEqualTo(START.plus(DAY));

    clocks.advance(clock, end);
    assertThat(done).containsExactly("ask provider");
  }

  @Test
  void wallClock_doesNotTouchTenantsOnTestClocks() {
    TestClocks clocks = clocks(new ArrayList<>());
    attached(clocks, "held");
    schedule(new Work("held", "remind", "held-1", START.plus(DAY)));
    now.set(START.plus(DAY.multipliedBy(5)));
    assertThat(agenda.runDue()).isZero();
  }

  @Test
  void advance_overHttp_refusesTheWayBack() {
    TestClocks clocks = clocks(new ArrayList<>());
    try (TestApi api = TestApi.start(DB, now::get, clocks)) {
      String id =
          api.as("operator")
              .post("/api/billing/test-clocks", "{\"now\": \"2026-03-01T00:00:00Z\"}")
              .json()
              .path("id")
              .asText();
      String path = "/api/billing/test-clocks/" + id;
      assertThat(
              api.as("operator")
                  .post(path + "/advance", "{\"to\": \"2026-04-01T05:30:00+05:30\"}")
                  .json()
                  .path("now")
                  .asText())
          .isEqualTo("2026-04-01T00:00:00Z");
      assertThat(
              api.as("operator")
                  .post(path + "/advance", "{\"to\": \"2026-03-31T00:00:00Z\"}")
                  .status())
          .isEqualTo(409);
      assertThat(
              api.as("operator")
                  .post(
                      "/api/billing/test-clocks/none/advance", "{\"to\": \"2026-03-31T00:00:00Z\"}")
                  .status())
          .isEqualTo(404);
      assertThat(api.as("viewer").get(path).json().path("now").asText())
          .isEqualTo("2026-04-01T00:00:00Z");
    }
  }

  @Test
  void advance_manyEntriesAtOneInstant_doesEachOnce() {
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "crowd");
    Work[] works = new Work[100];
    for (int i = 0; i < works.length; i++) {
      works[i] = new Work("crowd", "bill", "crowd-" + i, START.plus(DAY));
    }
    schedule(works);
    TestClock moved = clocks.advance(clock, START.plus(DAY));
    assertThat(moved.done()).isEqualTo(100);
    assertThat(done).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void advance_thatTakesLong_answers202AndSaysHowFarItIs() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    agenda.handle(
        "slow",
        1,
        (tx, due) -> {
          begun.countDown();
          try {
            held.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    TestClocks clocks = clocks(new ArrayList<>());
    String clock = attached(clocks, "slow");
    schedule(
        new Work("slow", "remind", "before", START.plus(DAY)),
        new Work("slow", "slow", "one", START.plus(DAY.multipliedBy(2))),
        new Work("slow", "remind", "later", START.plus(DAY.multipliedBy(9))));
    String to = "{\"to\": \"2026-03-05T00:00:00Z\"}";
    try (TestApi api = TestApi.start(DB, now::get, agenda, clocks)) {
      String path = "/api/billing/test-clocks/" + clock;
      var accepted = api.as("operator").post(path + "/advance", to, "Prefer", "respond-async");
      assertThat(accepted.status()).isEqualTo(202);
      assertThat(accepted.header("Location")).isEqualTo(path);
      begun.await();

      var under = api.as("viewer").get(path).json();
      assertThat(under.path("advancingTo").asText()).isEqualTo("2026-03-05T00:00:00Z");
      assertThat(under.path("now").asText()).isEqualTo("2026-03-03T00:00:00Z");
      assertThat(under.path("done").asInt()).isEqualTo(1);
      var kinds = api.as("viewer").get("/api/billing/agenda?testClock=" + clock).json();
      assertThat(kinds.path("kinds").findValuesAsText("kind")).containsExactly("remind", "slow");
      assertThat(kinds.path("kinds").get(0).path("planned").asInt()).isEqualTo(1);
      assertThat(kinds.path("kinds").get(1).path("due").asInt()).isEqualTo(1);
      assertThat(
              api.as("operator")
                  .post(path + "/advance", "{\"to\": \"2026-03-06T00:00:00Z\"}")
                  .status())
          .isEqualTo(409);

      held.countDown();
      var rests = api.as("operator").post(path + "/advance", to);
      assertThat(rests.status()).isEqualTo(200);
      assertThat(rests.json().path("now").asText()).isEqualTo("2026-03-05T00:00:00Z");
      assertThat(rests.json().has("advancingTo")).isFalse();
    }
  }
}
