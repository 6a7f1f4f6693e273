package io.tollgate.controlplane.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.contract.BillingState;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command over HTTP in every state: done, or 409 naming the state and what is possible. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StateMatrixTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String ALL = "/api/billing/subscriptions";

  /** The commands with bodies that fit wherever the state lets them. */
  private static final Map<String, String> COMMANDS =
      Map.of(
          "change", "{\"plan\": \"premium\"}",
          "trial", "{\"ends\": \"now\"}",
          "add-ons", "{\"addOn\": \"extra-admin-seats\", \"quantity\": 2}",
          "migrate", "{}",
          "pause", "{}",
          "resume", "{}",
          "cancel", "{}",
          "undo-cancel", "{}",
          "reactivate", "{}",
          "unschedule", "");

  /** Nothing waits in any of them that could be taken back. */
  private static final List<String> ACTIVE = List.of("change", "pause", "cancel", "migrate");

  /** By state, what somebody can do in it, as the API names it. */
  private static final Map<String, List<String>> POSSIBLE =
      Map.of(
          "pending", List.of("cancel"),
          "trial", List.of("change", "trial", "cancel", "migrate"),
          "active", ACTIVE,
          "paused", List.of("resume", "cancel"),
          "cancelled", List.of("reactivate"),
          "expired", List.of("reactivate"),
          "terminated", List.of());

  /** By what an unpaid invoice makes of an active one. */
  private static final Map<BillingState, List<String>> UNPAID =
      Map.of(
          BillingState.PAST_DUE, ACTIVE,
          BillingState.GRACE, ACTIVE,
          BillingState.READ_ONLY, ACTIVE,
          BillingState.SUSPENDED, List.of("cancel", "migrate"),
          BillingState.TERMINATED, List.of());

  /** The states that are there without waiting, and what may wait or stand beside them. */
  private static final List<String> SITUATIONS =
      List.of(
          "pending",
          "trial",
          "active",
          "ending",
          "changing",
          "pausing",
          "paused",
          "cancelled",
          "replaced",
          "terminated");

  private final Map<String, String> ids = new LinkedHashMap<>();
  private Desk desk;
  private TestApi api;
  private @Nullable BillingState standing;

  /** A command in a state. */
  record Pair(String state, String command) {}

  /** A command under a standing. */
  record Unpaid(BillingState standing, String command) {}

  /** Where a subscription stands, and what unpaid invoices make of it; null for nothing. */
  record Situation(String state, @Nullable BillingState standing) {}

  static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (String state : POSSIBLE.keySet()) {
      COMMANDS.keySet().forEach(command -> pairs.add(new Pair(state, command)));
    }
    return pairs;
  }

  static List<Unpaid> unpaid() {
    List<Unpaid> pairs = new ArrayList<>();
    for (BillingState standing : UNPAID.keySet()) {
      List.of("change", "add-ons", "pause").forEach(c -> pairs.add(new Unpaid(standing, c)));
    }
    return pairs;
  }

  static List<Situation> situations() {
    List<Situation> situations = new ArrayList<>();
    for (String state : SITUATIONS) {
      situations.add(new Situation(state, null));
      for (BillingState standing :
          List.of(BillingState.READ_ONLY, BillingState.SUSPENDED, BillingState.TERMINATED)) {
        situations.add(new Situation(state, standing));
      }
    }
    return situations;
  }

  @BeforeAll
  void begin() {
    desk = new Desk(DB, Instant.parse("2026-01-31T06:30:00Z"));
    desk.subscriptions.under(
        new Circumstances() {
          @Override
          public Optional<Instant> lastFinalInvoice(Transaction tx, String tenant) {
            return Optional.empty();
          }

          @Override
          public Map<String, BillingState> standings(
              Transaction tx, Collection<Subscription> subscriptions) {
            BillingState present = standing;
            return present == null
                ? Map.of()
                : subscriptions.stream()
                    .collect(Collectors.toMap(Subscription::id, each -> present));
          }
        });
    api = TestApi.start(DB, desk.clock(), desk.catalogs, desk.subscriptions);
    for (Pair pair : pairs()) {
      ids.put(pair.state() + "-" + pair.command(), made(pair.state(), pair.command()));
    }
    desk.advance("2026-02-03T00:00:00Z"); // the trial of a day expires
  }

  @AfterAll
  void end() {
    api.close();
  }

  private String made(String state, String command) {
    String more =
        switch (state) {
          case "pending" -> ", \"startsAt\": \"2026-03-05T00:00:00Z\"";
          case "trial" -> ", \"trialDays\": 14";
          case "expired" -> ", \"trialDays\": 1, \"expireAfterTrial\": true";
          default -> "";
        };
    Answer answer =
        api.as("admin")
            .post(
                ALL,
                "{\"tenant\": \"%s-%s\", \"plan\": \"starter\"%s}".formatted(state, command, more));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    String id = answer.json().path("id").asText();
    switch (state) {
      case "paused" -> api.as("operator").post(ALL + "/" + id + "/pause", "{}");
      case "ending" -> api.as("operator").post(ALL + "/" + id + "/cancel", "{}");
      case "changing" ->
          api.as("operator")
              .post(ALL + "/" + id + "/change", "{\"quantity\": 2, \"when\": \"period-end\"}");
      case "pausing" ->
          api.as("operator").post(ALL + "/" + id + "/pause", "{\"when\": \"period-end\"}");
      case "replaced" -> {
        api.as("operator").post(ALL + "/" + id + "/cancel", "{\"when\": \"now\"}");
        api.as("admin")
            .post(ALL, "{\"tenant\": \"%s-%s\", \"plan\": \"starter\"}".formatted(state, command));
      }
      case "cancelled" ->
          api.as("operator").post(ALL + "/" + id + "/cancel", "{\"when\": \"now\"}");
      case "terminated" ->
          desk.db().inTransaction(tx -> desk.subscriptions.terminate(tx, "test", id));
      default -> {
        // It is there by itself.
      }
    }
    return id;
  }

  private Answer give(String id, String command) {
    return command.equals("unschedule")
        ? api.as("operator").delete(ALL + "/" + id + "/scheduled/chg_none")
        : api.as("operator")
            .post(ALL + "/" + id + "/" + command, COMMANDS.getOrDefault(command, ""));
  }

  /** Adding an add-on is a change. */
  private static String word(String command) {
    return command.equals("add-ons") ? "change" : command;
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void command_inAnyState_isDoneOr409WithStateAndWhatIsPossible(Pair pair) {
    String id = String.valueOf(ids.get(pair.state() + "-" + pair.command()));
    JsonNode before = api.as("viewer").get(ALL + "/" + id).json();
    assertThat(before.path("state").asText()).isEqualTo(pair.state());
    List<String> possible = POSSIBLE.getOrDefault(pair.state(), List.of());
    assertThat(texts(before.path("possible"))).containsExactlyInAnyOrderElementsOf(possible);

    Answer answer = give(id, pair.command());
    if (possible.contains(word(pair.command()))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      return;
    }
    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    assertThat(answer.json().path("state").asText()).isEqualTo(pair.state());
    assertThat(texts(answer.json().path("possible"))).containsExactlyInAnyOrderElementsOf(possible);
    assertThat(api.as("viewer").get(ALL + "/" + id).json()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("unpaid")
  void command_underAnyStanding_isDoneOr409WithTheStanding(Unpaid pair) {
    String id = made("active", pair.standing() + pair.command());
    List<String> possible = UNPAID.getOrDefault(pair.standing(), List.of());
    standing = pair.standing();
    try {
      Answer answer = give(id, pair.command());
      if (possible.contains(word(pair.command()))) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return;
      }
      assertThat(answer.status()).as(answer.text()).isEqualTo(409);
      assertThat(answer.json().path("state").asText())
          .isEqualTo(pair.standing().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      assertThat(texts(answer.json().path("possible")))
          .containsExactlyInAnyOrderElementsOf(possible);
    } finally {
      standing = null;
    }
  }

  /** Seen before it is given, a command is possible just where it is not refused for the state. */
  @ParameterizedTest
  @MethodSource("situations")
  void possible_inAnySituation_isExactlyWhatIsNotRefused(Situation situation) {
    for (String command : COMMANDS.keySet()) {
      String id = made(situation.state(), command + "-" + situation.standing());
      standing = situation.standing();
      try {
        JsonNode seen = api.as("viewer").get(ALL + "/" + id).json();
        assertThat(listed(seen.path("tenant").asText(), id)).isEqualTo(seen);
        List<String> possible = texts(seen.path("possible"));
        Answer answer = giveOwn(id, command, seen);
        boolean refused = answer.status() == 409;
        assertThat(!refused)
            .as("%s where %s: %s", command, possible, answer.text())
            .isEqualTo(possible.contains(word(command)));
        if (refused && answer.json().path("detail").asText().contains(id)) {
          assertThat(texts(answer.json().path("possible"))).isEqualTo(possible);
        }
      } finally {
        standing = null;
      }
    }
  }

  private JsonNode listed(String tenant, String id) {
    for (JsonNode item : api.as("viewer").get(ALL + "?tenant=" + tenant).json().path("items")) {
      if (item.path("id").asText().equals(id)) {
        return item;
      }
    }
    throw new AssertionError(id + " is not listed");
  }

  /** As {@link #give}, taking back a change that waits. */
  private Answer giveOwn(String id, String command, JsonNode seen) {
    JsonNode waiting = seen.path("scheduled").path(0).path("id");
    return command.equals("unschedule") && !waiting.isMissingNode()
        ? api.as("operator").delete(ALL + "/" + id + "/scheduled/" + waiting.asText())
        : give(id, command);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
