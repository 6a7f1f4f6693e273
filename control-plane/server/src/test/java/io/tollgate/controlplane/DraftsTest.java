package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Drafts over HTTP: whoever knows one finds the document that it becomes. */
final class DraftsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  @Test
  void draft_madeFinalByHandAndByTime_keepsItsId() {
    try (WholeHouse house = new WholeHouse(DB)) {
      house.apply(
          """
          catalog: drafts
          policies: {draft-hours: 24, dunning: {steps: []}}
          plans: {basic: {prices: {INR: {monthly: 300}}}}
          """);
      String clock = house.clock("2026-04-01T00:00:00Z");
      house.tenant("drafted", clock);
      house.subscribe("{\"tenant\": \"drafted\", \"catalog\": \"drafts\", \"plan\": \"basic\"}");
      String first = newest(house).path("id").asText();
      JsonNode made = house.post("/api/billing/invoices/" + first + "/finalize", "{}");
      assertThat(made.path("id").asText()).isEqualTo(first);

      house.advance(clock, "2026-05-01T00:00:00Z");
      JsonNode draft = newest(house);
      assertThat(draft.path("status").asText()).isEqualTo("DRAFT");
      house.advance(clock, "2026-05-03T00:00:00Z");
      String second = draft.path("id").asText();
      assertThat(house.get("/api/billing/invoices/" + second).path("status").asText())
          .isEqualTo("OPEN");
      assertThat(second).isNotEqualTo(first);
    }
  }

  private static JsonNode newest(WholeHouse house) {
    JsonNode items = house.get("/api/billing/invoices?tenant=drafted").path("items");
    JsonNode newest = items.get(0);
    for (JsonNode item : items) {
      if (item.path("id").asText().compareTo(newest.path("id").asText()) > 0) {
        newest = item;
      }
    }
    return newest;
  }
}
