package io.tollgate.controlplane.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatedPauseTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String ALL = "/api/billing/subscriptions";
  private static int number;

  private Desk desk;
  private TestApi api;
  private String one;

  @BeforeEach
  void open() {
    desk = new Desk(DB, Instant.parse("2026-01-01T00:00:00Z"));
    api = TestApi.start(DB, desk.clock(), desk.catalogs, desk.subscriptions);
    String order = "{\"tenant\": \"pauses%d\", \"plan\": \"starter\"}".formatted(++number);
    one = ALL + "/" + api.as("admin").post(ALL, order).json().path("id").asText();
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void pause_atThePeriodsEnd_comesBeforeTheNextPeriod() {
    JsonNode waits =
        pause("{\"when\": \"period-end\", \"resumesAt\": \"2026-03-10T00:00:00Z\"}").json();
    assertThat(waits.path("state").asText()).isEqualTo("active");
    assertThat(waits.path("possible")).map(JsonNode::asText).contains("unschedule", "pause");
    JsonNode scheduled = waits.path("scheduled").path(0);
    assertThat(scheduled.path("at").asText()).isEqualTo("2026-02-01T00:00:00Z");
    assertThat(scheduled.path("pause").asBoolean()).isTrue();
    assertThat(scheduled.path("resumesAt").asText()).isEqualTo("2026-03-10T00:00:00Z");
    assertThat(desk.told().getLast().command()).as("it only waits").isEqualTo(Command.CHANGE);
    desk.advance("2026-02-20T00:00:00Z");
    assertThat(desk.told().getLast().command()).isEqualTo(Command.PAUSE);
    assertThat(get().path("state").asText()).isEqualTo("paused");
    assertThat(get().path("pausedSince").asText()).isEqualTo("2026-02-01T00:00:00Z");
    assertThat(get().path("scheduled")).isEmpty();
    desk.advance("2026-03-10T00:00:00Z");
    assertThat(get().path("state").asText()).isEqualTo("active");
    assertThat(get().path("period").path("start").asText()).isEqualTo("2026-03-10T00:00:00Z");
    assertThat(get().path("period").path("end").asText()).isEqualTo("2026-04-10T00:00:00Z");
  }

  @Test
  void pause_thatWaits_isTakenBack() {
    JsonNode waits = pause("{\"at\": \"2026-02-11T00:00:00Z\"}").json();
    String change = waits.path("scheduled").path(0).path("id").asText();
    JsonNode left = api.as("operator").delete(one + "/scheduled/" + change).json();
    assertThat(left.path("scheduled")).isEmpty();
    desk.advance("2026-02-12T00:00:00Z");
    assertThat(get().path("state").asText()).isEqualTo("active");
  }

  @Test
  void pause_thatCannotCome_is422WithTheField() {
    assertField(pause("{\"at\": \"2026-01-01T00:00:00Z\"}"), "at");
    assertField(pause("{\"at\": \"2026-01-05T00:00:00Z\", \"when\": \"now\"}"), "at");
    assertField(
        pause("{\"when\": \"period-end\", \"resumesAt\": \"2026-01-31T00:00:00Z\"}"), "resumesAt");
    api.as("operator").post(one + "/cancel", "{\"at\": \"2026-01-20T00:00:00Z\"}");
    assertField(pause("{\"at\": \"2026-01-20T00:00:00Z\"}"), "at");
    assertField(pause("{\"when\": \"period-end\"}"), "when");
    assertThat(get().path("scheduled")).isEmpty();
  }

  /** Its end would come before its beginning, which moved. */
  @Test
  void change_thatMovesThePeriodsEndBehindThePausesOwn_dropsIt() {
    pause("{\"when\": \"period-end\", \"resumesAt\": \"2026-03-01T00:00:00Z\"}");
    api.as("operator").post(one + "/change", "{\"cycle\": \"yearly\", \"when\": \"now\"}");
    assertThat(get().path("scheduled")).isEmpty();
    desk.advance("2027-01-01T00:00:00Z");
    assertThat(get().path("state").asText()).isEqualTo("active");
    assertThat(get().path("period").path("start").asText()).isEqualTo("2027-01-01T00:00:00Z");
  }

  /** Also at the very instant at which the period was to end. */
  @Test
  void change_ofTheCycle_leavesAPauseAtADate() {
    pause("{\"at\": \"2026-02-01T00:00:00Z\", \"resumesAt\": \"2026-03-01T00:00:00Z\"}");
    api.as("operator").post(one + "/change", "{\"cycle\": \"yearly\", \"when\": \"now\"}");
    assertThat(get().path("scheduled").path(0).path("at").asText())
        .isEqualTo("2026-02-01T00:00:00Z");
    desk.advance("2026-03-01T00:00:00Z");
    assertThat(get().path("state").asText()).isEqualTo("active");
    assertThat(get().path("period").path("end").asText()).isEqualTo("2027-01-29T00:00:00Z");
  }

  /** What moves the period's end moves the pause that waits for it, and no other. */
  @Test
  void change_ofTheCycle_movesAPauseAtThePeriodsEnd() {
    pause("{\"when\": \"period-end\"}");
    api.as("operator").post(one + "/change", "{\"cycle\": \"yearly\", \"when\": \"now\"}");
    assertThat(get().path("scheduled").path(0).path("at").asText())
        .isEqualTo(get().path("period").path("end").asText())
        .isEqualTo("2027-01-01T00:00:00Z");
  }

  private Answer pause(String body) {
    return api.as("operator").post(one + "/pause", body);
  }

  private JsonNode get() {
    return api.as("viewer").get(one).json();
  }

  private static void assertField(Answer answer, String field) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().path("errors").path(0).path("field").asText()).isEqualTo(field);
  }
}
