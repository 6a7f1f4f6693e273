package io.tollgate.examples.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The story in six steps; each is seen from outside, as the programs' users see it. */
final class Story {
  static final String CALLS = "calls";

  private static final String CLOCK = "quickstart";
  private static final Instant FIRST_DAY = Instant.parse("2026-03-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final Stage stage;
  private final Scoreboard scoreboard;
  private final Books books;
  private final List<Member> members = Member.everyone();
  private final Ledger ledger;
  private String clock = "";
  private Traffic traffic;

  Story(Stage stage, Scoreboard scoreboard) {
    this.stage = stage;
    this.scoreboard = scoreboard;
    this.books = new Books(stage.api(), stage.workspace().secret("admin-token"));
    this.ledger = new Ledger(books, stage.workspace());
    this.traffic = new Traffic(stage, Map.of());
  }

  /**
   * Plays all six steps.
   *
   * @return whether every unit is reconciled
   */
  boolean play(Duration toStart) throws InterruptedException {
    applyCatalogs();
    enrol();
    drive(toStart);
    Instant dayOne = closeMonth("4  The month ends: invoices");
    dunAndPay(dayOne);
    closeMonth("6  Another month ends, so that every call is on an invoice; reconciliation");
    return ledger.reconcile(members, traffic, System.out);
  }

  private void applyCatalogs() throws InterruptedException {
    step("1  Catalogs");
    for (String name : List.of("gaudaan", "atom", "services")) {
      Path file = stage.workspace().home().resolve("examples/catalogs/" + name + ".yaml");
      JsonNode applied = books.applyCatalog(file);
      say(
          name
              + "@"
              + applied.path("version").asText("?")
              + " from examples/catalogs/"
              + file.getFileName());
    }
  }

  private void enrol() throws InterruptedException {
    step("2  Tenants, their plans and keys");
    clock = books.clock(CLOCK, FIRST_DAY).path("id").asText();
    traffic = new Traffic(stage, new Enrolment(books, stage.workspace(), clock).enrol(members));
    ledger.open(members);
    ledger.payAll(members, Set.of());
    say(members.size() + " tenants; the test clock stands at " + books.now(clock));
  }

  private void drive(Duration toStart) throws InterruptedException {
    step("3  Traffic through both proxies (units: a light call is 1, a heavy one 5)");
    awaitAdmission();
    say(
        "first call admitted "
            + (toStart.toMillis() + Duration.between(started, Instant.now()).toMillis()) / 1000
            + " s after the start");
    Thread painter = Thread.startVirtualThread(this::paint);
    traffic.drive(members);
    painter.interrupt();
    painter.join();
    settle();
    scoreboard.finish(members, traffic, ledger.metered(members));
  }

  private final Instant started = Instant.now();

  private void paint() {
    try {
      while (true) {
        scoreboard.refresh(members, traffic, ledger.metered(members));
        Thread.sleep(500);
      }
    } catch (InterruptedException | QuickstartException e) {
      // The picture ends with the traffic; what went wrong is told by the traffic itself.
      Thread.currentThread().interrupt();
    }
  }

  /** The proxies learn of new tenants by themselves; the first calls wait until they have. */
  private void awaitAdmission() throws InterruptedException {
    for (Member member : members) {
      expect(member.id(), Call.READ, Set.of(200));
    }
  }

  /** Everything counted is with the control plane, also what the agent counts in its own JVM. */
  private void settle() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    do {
      stage.flush();
      if (ledger.hasAll(members, traffic)) {
        return;
      }
      Thread.sleep(250);
    } while (System.nanoTime() < deadline);
    say("not everything that was admitted is metered after 20 s; what is missing follows below");
  }

  private Instant closeMonth(String title) throws InterruptedException {
    step(title);
    settle();
    Instant end = ledger.periodEnd(Member.DEBTOR);
    say("the test clock moves from " + books.now(clock) + " to " + books.advance(clock, end));
    ledger.print(members, System.out);
    ledger.payAll(members, Set.of(Member.DEBTOR));
    return end;
  }

  private void dunAndPay(Instant dayOne) throws InterruptedException {
    String debtor = Member.DEBTOR;
    step("5  " + debtor + " does not pay");
    day(dayOne, 8, "GRACE");
    expect(debtor, Call.READ, Set.of(200));
    expect(debtor, Call.DONATE, Set.of(200, 201));
    day(dayOne, 15, "READ_ONLY");
    expect(debtor, Call.READ, Set.of(200));
    expect(debtor, Call.DONATE, Set.of(403));
    day(dayOne, 22, "SUSPENDED");
    expect(debtor, Call.READ, Set.of(402, 403));
    expect(debtor, Call.DONATE, Set.of(402, 403));
    ledger.payAll(members, Set.of());
    say("the invoice is paid");
    expect(debtor, Call.READ, Set.of(200));
    expect(debtor, Call.DONATE, Set.of(200, 201));
  }

  private void day(Instant dayOne, int day, String state) throws InterruptedException {
    books.advance(clock, dayOne.plus(DAY.multipliedBy(day - 1)).plus(Duration.ofHours(12)));
    String standing = ledger.state(Member.DEBTOR);
    if (!standing.equals(state)) {
      throw new QuickstartException("day " + day + " should be " + state + " and is " + standing);
    }
    say("day " + day + ": " + standing);
  }

  /**
   * Makes the call until it is answered as expected: the proxies hear of a change within a second,
   * and five are allowed here before the story is called broken.
   */
  private void expect(String tenant, Call call, Set<Integer> statuses) throws InterruptedException {
    Instant asked = Instant.now();
    Http.Answer answer = traffic.send(tenant, call);
    while (!statuses.contains(answer.status())) {
      if (Duration.between(asked, Instant.now()).compareTo(Duration.ofSeconds(5)) > 0) {
        throw new QuickstartException(
            call.method()
                + " "
                + call.path()
                + " of "
                + tenant
                + " should answer "
                + statuses
                + " and answers "
                + answer.status()
                + ": "
                + answer.body());
      }
      Thread.sleep(50);
      answer = traffic.send(tenant, call);
    }
    if (tenant.equals(Member.DEBTOR) && !clock.isEmpty()) {
      say(
          "   %-4s %-22s -> %d %s"
              .formatted(
                  call.method(),
                  call.path(),
                  answer.status(),
                  answer.status() < 400 ? "" : answer.reason()));
    }
  }

  /** The last line of a run with {@code --once}. */
  String json() {
    ObjectNode json = Books.object();
    ledger.summary().forEach(json.putArray("tenants")::add);
    return json.put("reconciled", ledger.isReconciled()).toString();
  }

  /** What stays up, and how to try it by hand. */
  void farewell() throws InterruptedException {
    String admin = stage.api() + "/api/billing";
    Path secrets = stage.workspace().data().resolve("secrets");
    System.out.printf(
        """

        Everything stays up. Try:
          curl -i -H "X-Api-Key: $(cat %1$s/key-dharma-gau-raksha)" %2$s/causes
          curl -i -H "X-Api-Key: $(cat %1$s/key-gokul-trust)" %2$s/gaucoins
          curl -s -H "Authorization: Bearer $(cat %1$s/admin-token)" "%3$s/invoices?tenant=dharma-gau-raksha"
          curl -s -H "Authorization: Bearer $(cat %1$s/admin-token)" "%3$s/quota?tenant=gokul-trust&key=events"
          curl -s "%4$s/explain?tenant=gokul-trust"
        Ctrl-C stops everything in order; what happened is kept in %5$s.
        """,
        secrets, stage.proxy(0), admin, stage.admin('a'), stage.workspace().data());
  }

  private static void step(String title) {
    System.out.println("\n" + title);
  }

  private static void say(String what) {
    System.out.println("   " + what);
  }
}
