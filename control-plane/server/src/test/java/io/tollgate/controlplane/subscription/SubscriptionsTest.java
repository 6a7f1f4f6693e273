package io.tollgate.controlplane.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String ALL = "/api/billing/subscriptions";
  private static int number;

  private Desk desk;
  private TestApi api;
  private String tenant;

  @BeforeEach
  void open() {
    desk = new Desk(DB, Instant.parse("2026-01-31T06:30:00Z"));
    api = TestApi.start(DB, desk.clock(), desk.catalogs, desk.subscriptions);
    tenant = "tenant" + ++number;
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void start_isActiveInItsFirstPeriod() {
    Answer answer = start("\"plan\": \"starter\"");
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    JsonNode made = answer.json();
    assertThat(made.path("state").asText()).isEqualTo("active");
    assertThat(made.path("currency").asText()).isEqualTo("INR");
    assertThat(made.path("period").path("end").asText()).isEqualTo("2026-02-28T06:30:00Z");
    assertThat(answer.header("ETag")).isEqualTo("\"1\"");
    assertThat(get(made).path("plan").asText()).isEqualTo("starter");
    assertThat(told()).singleElement().matches(step -> step.command() == Command.START);
  }

  @Test
  void start_secondOfTheProduct_is409() {
    start("\"plan\": \"starter\"");
    Answer again = start("\"plan\": \"premium\"");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.text()).contains("change that one");
  }

  @Test
  void start_whatCannotBe_is422WithTheField() {
    assertField(start("\"plan\": \"golden\""), "plan");
    assertField(start("\"plan\": \"starter\", \"currency\": \"EUR\""), "currency");
    assertField(start("\"plan\": \"starter\", \"cycle\": \"weekly\""), "cycle");
    assertField(start("\"plan\": \"enterprise\", \"catalog\": \"gaudaan\""), "price");
    assertField(start("\"plan\": \"enterprise\""), "catalog");
    assertField(
        start("\"plan\": \"starter\", \"addOns\": [{\"addOn\": \"jetpack\"}]"), "addOns[0].addOn");
    assertField(
        api.as("admin").post(ALL, "{\"tenant\": \"nobody\", \"plan\": \"starter\"}"), "tenant");
    assertThat(told()).isEmpty();
  }

  @Test
  void renew_monthEndAnchor_neverDrifts() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    desk.advance("2026-05-01T00:00:00Z");
    JsonNode now = get(made);
    assertThat(now.path("period").path("start").asText()).isEqualTo("2026-04-30T06:30:00Z");
    assertThat(now.path("period").path("end").asText()).isEqualTo("2026-05-31T06:30:00Z");
    assertThat(told().stream().filter(step -> step.command() == Command.RENEW))
        .extracting(Revision::at)
        .containsExactly(
            Instant.parse("2026-02-28T06:30:00Z"),
            Instant.parse("2026-03-31T06:30:00Z"),
            Instant.parse("2026-04-30T06:30:00Z"));
  }

  @Test
  void change_upgrade_isAtOnce() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    Answer changed = command(made, "change", "{\"plan\": \"premium\"}");
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertThat(changed.json().path("plan").asText()).isEqualTo("premium");
    assertThat(changed.json().path("period")).isEqualTo(made.path("period"));
  }

  @Test
  void change_downgrade_waitsForThePeriodsEnd() {
    JsonNode made = start("\"plan\": \"premium\"").json();
    JsonNode changed = command(made, "change", "{\"plan\": \"starter\"}").json();
    assertThat(changed.path("plan").asText()).isEqualTo("premium");
    assertThat(changed.path("scheduled").path(0).path("plan").asText()).isEqualTo("starter");
    assertField(command(made, "change", "{\"plan\": \"starter\", \"when\": \"now\"}"), "when");
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(get(made).path("plan").asText()).isEqualTo("starter");
    assertThat(get(made).path("scheduled")).isEmpty();
  }

  @Test
  void change_takenBack_doesNotHappen() {
    JsonNode made = start("\"plan\": \"premium\"").json();
    JsonNode changed = command(made, "change", "{\"plan\": \"starter\"}").json();
    String change = changed.path("scheduled").path(0).path("id").asText();
    Answer answer =
        api.as("admin").delete(ALL + "/" + made.path("id").asText() + "/scheduled/" + change);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(get(made).path("plan").asText()).isEqualTo("premium");
  }

  @Test
  void change_yearlyToMonthly_isAtTheAnnualEnd() {
    JsonNode made = start("\"plan\": \"starter\", \"cycle\": \"yearly\"").json();
    command(made, "change", "{\"cycle\": \"monthly\"}");
    desk.advance("2027-01-30T00:00:00Z");
    assertThat(get(made).path("cycle").asText()).isEqualTo("yearly");
    desk.advance("2027-02-01T00:00:00Z");
    assertThat(get(made).path("cycle").asText()).isEqualTo("monthly");
    assertThat(get(made).path("period").path("end").asText()).isEqualTo("2027-02-28T06:30:00Z");
  }

  @Test
  void change_monthlyToYearly_beginsANewPeriod() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    desk.advance("2026-02-10T06:30:00Z");
    JsonNode changed = command(made, "change", "{\"cycle\": \"yearly\"}").json();
    assertThat(changed.path("period").path("start").asText()).isEqualTo("2026-02-10T06:30:00Z");
    assertThat(changed.path("period").path("end").asText()).isEqualTo("2027-02-10T06:30:00Z");
  }

  @Test
  void addOn_addedAtOnce_removedAtThePeriodsEnd() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    String seats = "{\"addOn\": \"extra-admin-seats\", \"quantity\": ";
    command(made, "add-ons", seats + "2}");
    command(made, "add-ons", seats + "3}");
    assertThat(quantities(get(made))).isEqualTo(3);
    command(made, "add-ons", seats + "1}");
    assertThat(quantities(get(made))).isEqualTo(3);
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(quantities(get(made))).isEqualTo(1);
  }

  @Test
  void pause_movesThePeriodsEnd_andKeepsTheRule() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    desk.advance("2026-02-10T06:30:00Z");
    command(made, "pause", "{}");
    desk.advance("2026-03-20T06:30:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("paused");
    assertThat(command(made, "change", "{\"plan\": \"premium\"}").status()).isEqualTo(409);
    JsonNode resumed = command(made, "resume", "{}").json();
    assertThat(resumed.path("period").path("end").asText()).isEqualTo("2026-04-07T06:30:00Z");
    desk.advance("2026-04-08T00:00:00Z");
    assertThat(get(made).path("period").path("end").asText()).isEqualTo("2026-05-07T06:30:00Z");
  }

  @Test
  void pause_twiceOnAYearlyPlan_goesOn() {
    JsonNode made = start("\"plan\": \"starter\", \"cycle\": \"yearly\"").json();
    for (String month : new String[] {"03", "05"}) {
      desk.advance("2026-" + month + "-01T06:30:00Z");
      command(made, "pause", "{\"resumesAt\": \"2026-" + month + "-11T06:30:00Z\"}");
      desk.advance("2026-" + month + "-12T00:00:00Z");
    }
    assertThat(get(made).path("state").asText()).isEqualTo("active");
    assertThat(get(made).path("period").path("end").asText()).isEqualTo("2027-02-20T06:30:00Z");
  }

  @Test
  void cancel_atThePeriodsEnd_canBeUndone() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    assertThat(command(made, "undo-cancel", "{}").status()).isEqualTo(409);
    command(made, "cancel", "{}");
    command(made, "undo-cancel", "{}");
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("active");
    command(made, "cancel", "{}");
    desk.advance("2026-03-31T12:00:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("cancelled");
    assertThat(get(made).path("endedAt").asText()).isEqualTo("2026-03-31T06:30:00Z");
  }

  @Test
  void active_possible_isWhatThereAreRoutesFor() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    assertThat(made.path("possible"))
        .map(JsonNode::asText)
        .containsExactly("change", "pause", "cancel", "migrate");
  }

  @Test
  void cancelled_wrongCommand_is409NamingStateAndWhatIsPossible() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    command(made, "cancel", "{\"when\": \"now\"}");
    Answer refused = command(made, "pause", "{}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("state").asText()).isEqualTo("cancelled");
    assertThat(refused.json().path("possible").path(0).asText()).isEqualTo("reactivate");
    JsonNode back = command(made, "reactivate", "{}").json();
    assertThat(back.path("state").asText()).isEqualTo("active");
    assertThat(back.path("plan").asText()).isEqualTo("starter");
  }

  @Test
  void trial_ends_inTheFirstPeriod() {
    JsonNode made =
        api.as("admin")
            .post(
                ALL,
                "{\"tenant\": \"usd" + tenant + "\", \"plan\": \"pro\", \"catalog\": \"services\"}")
            .json();
    assertThat(made.path("state").asText()).isEqualTo("trial");
    desk.advance("2026-02-15T00:00:00Z");
    JsonNode now = get(made);
    assertThat(now.path("state").asText()).isEqualTo("active");
    assertThat(now.path("period").path("start").asText()).isEqualTo("2026-02-14T06:30:00Z");
    assertThat(now.path("period").path("end").asText()).isEqualTo("2026-03-14T05:30:00Z");
  }

  @Test
  void trial_whoseEndMoves_endsThen() {
    JsonNode made = start("\"plan\": \"starter\", \"trialDays\": 7").json();
    JsonNode later = command(made, "trial", "{\"ends\": \"2026-02-10T06:30:00Z\"}").json();
    assertThat(later.path("state").asText()).isEqualTo("trial");
    assertThat(later.path("trialEndsAt").asText()).isEqualTo("2026-02-10T06:30:00Z");
    desk.advance("2026-02-08T00:00:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("trial");
    desk.advance("2026-02-11T00:00:00Z");
    JsonNode now = get(made);
    assertThat(now.path("state").asText()).isEqualTo("active");
    assertThat(now.path("period").path("start").asText()).isEqualTo("2026-02-10T06:30:00Z");
    assertThat(now.path("period").path("end").asText()).isEqualTo("2026-03-10T06:30:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "2026-01-31T06:29:59Z", "2027-02-02T06:30:00Z"})
  void trial_whoseEndCannotBe_is422(String ends) {
    JsonNode made = start("\"plan\": \"starter\", \"trialDays\": 7").json();
    assertField(command(made, "trial", "{\"ends\": \"" + ends + "\"}"), "ends");
    assertThat(get(made)).isEqualTo(made);
  }

  @Test
  void trial_meantToExpire_expires() {
    JsonNode made =
        start("\"plan\": \"starter\", \"trialDays\": 7, \"expireAfterTrial\": true").json();
    desk.advance("2026-02-08T00:00:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("expired");
  }

  @Test
  void datedStart_isPendingUntilThen() {
    JsonNode made = start("\"plan\": \"starter\", \"startsAt\": \"2026-02-05T00:00:00Z\"").json();
    assertThat(made.path("state").asText()).isEqualTo("pending");
    desk.advance("2026-02-06T00:00:00Z");
    assertThat(get(made).path("state").asText()).isEqualTo("active");
  }

  @Test
  void backDatedStart_catchesUpPeriodByPeriod() {
    JsonNode made = start("\"plan\": \"starter\", \"startsAt\": \"2025-11-10T00:00:00Z\"").json();
    desk.advance("2026-01-31T07:00:00Z");
    assertThat(get(made).path("period").path("start").asText()).isEqualTo("2026-01-10T00:00:00Z");
    assertThat(told()).extracting(Revision::command).hasSize(3);
  }

  @Test
  void newCatalogVersion_oldSubscribersKeepTheirs_untilMigrated() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    String dearer =
        Desk.example("gaudaan").replace("{monthly: 999,", "{monthly: " + (2000 + number) + ",");
    int version = desk.apply(dearer).version();
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(get(made).path("version").asInt()).isLessThan(version);
    command(made, "migrate", "{\"when\": \"period-end\"}");
    desk.advance("2026-04-01T00:00:00Z");
    assertThat(get(made).path("version").asInt()).isEqualTo(version);
  }

  @Test
  void ifMatch_ofAnOlderRevision_is412() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    command(made, "change", "{\"plan\": \"standard\"}");
    Answer refused =
        api.as("admin")
            .post(ALL + "/" + made.path("id").asText() + "/cancel", "{}", "If-Match", "\"1\"");
    assertThat(refused.status()).isEqualTo(412);
  }

  @Test
  void ifMatch_ofSeveralAtOnce_holdsForOne() throws InterruptedException, ExecutionException {
    JsonNode made = start("\"plan\": \"starter\"").json();
    String change = ALL + "/" + made.path("id").asText() + "/change";
    List<Integer> statuses =
        atOnce(
            quantity ->
                api.as("admin")
                    .post(change, "{\"quantity\": " + (quantity + 2) + "}", "If-Match", "\"1\""));
    assertThat(statuses).containsExactlyInAnyOrder(200, 412, 412);
    assertThat(get(made).path("revision").asInt()).isEqualTo(2);
  }

  @Test
  void addOn_oneMoreAtOnce_isOneMoreForEach() throws InterruptedException, ExecutionException {
    JsonNode made = start("\"plan\": \"starter\"").json();
    List<Integer> statuses =
        atOnce(number -> command(made, "add-ons", "{\"addOn\": \"extra-admin-seats\"}"));
    assertThat(statuses).containsOnly(200);
    int seats = 0;
    for (JsonNode addOn : get(made).path("addOns")) {
      seats += addOn.path("quantity").asInt();
    }
    assertThat(seats).isEqualTo(3);
  }

  @Test
  void start_ofOneProductAtOnce_isRefusedWithTheOneThatIsThere()
      throws InterruptedException, ExecutionException {
    List<Answer> refused = Collections.synchronizedList(new ArrayList<>());
    List<Integer> statuses =
        atOnce(
            number -> {
              Answer answer = start("\"plan\": \"starter\"");
              if (answer.status() != 201) {
                refused.add(answer);
              }
              return answer;
            });
    assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409);
    assertThat(refused)
        .allSatisfy(answer -> assertThat(answer.text()).contains("sub_", "change that one"));
  }

  /** The statuses of three requests that are sent together. */
  private static List<Integer> atOnce(IntFunction<Answer> request)
      throws InterruptedException, ExecutionException {
    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> sent = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int number = i;
        sent.add(threads.submit(() -> request.apply(number)));
      }
      for (Future<Answer> answer : sent) {
        statuses.add(answer.get().status());
      }
    }
    return statuses;
  }

  @Test
  void revisions_areKept() {
    JsonNode made = start("\"plan\": \"starter\"").json();
    command(made, "change", "{\"plan\": \"standard\"}");
    JsonNode items =
        api.as("viewer")
            .get(ALL + "/" + made.path("id").asText() + "/revisions")
            .json()
            .path("items");
    assertThat(items).hasSize(2);
    assertThat(items.path(1).path("command").asText()).isEqualTo("change");
  }

  private Answer start(String fields) {
    return api.as("admin").post(ALL, "{\"tenant\": \"" + tenant + "\", " + fields + "}");
  }

  private List<Revision> told() {
    return desk.told().stream().filter(step -> step.after().tenant().equals(tenant)).toList();
  }

  private Answer command(JsonNode subscription, String command, String body) {
    return api.as("operator")
        .post(ALL + "/" + subscription.path("id").asText() + "/" + command, body);
  }

  private JsonNode get(JsonNode subscription) {
    return api.as("viewer").get(ALL + "/" + subscription.path("id").asText()).json();
  }

  private static int quantities(JsonNode subscription) {
    int sum = 0;
    for (JsonNode addOn : subscription.path("addOns")) {
      sum += addOn.path("quantity").asInt();
    }
    return sum;
  }

  private static void assertField(Answer answer, String field) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().path("errors").path(0).path("field").asText()).isEqualTo(field);
  }
}
