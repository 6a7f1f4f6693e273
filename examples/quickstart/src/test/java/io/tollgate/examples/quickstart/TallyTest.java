package io.tollgate.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static Http.Answer answer(int status, String body) {
    String type = body.contains("title") ? "application/problem+json" : "application/json";
    return new Http.Answer(
        status, HttpHeaders.of(Map.of("Content-Type", List.of(type)), (name, value) -> true), body);
  }

  @Test
  void book_everyKindOfAnswer_sentIsAdmittedAndRefused() {
    Tally tally = new Tally();
    tally.book(Call.REPORT, answer(200, "{}"));
    tally.book(Call.RECEIPT, answer(200, ""));
    tally.book(Call.READ, answer(429, "{\"title\":\"t\",\"violated-policies\":[\"api-rate\"]}"));
    tally.book(Call.GAUCOINS, answer(403, "{\"title\":\"Feature not in plan\"}"));
    tally.book(Call.READ, answer(500, "{}")); // the service's own failure: admitted and metered
    tally.book(Call.READ, answer(503, "{\"title\":\"Upstream failure\"}"));
    Tally.View view = tally.view();
    assertThat(view.adds()).isTrue();
    assertThat(view.sent()).isEqualTo(10);
    assertThat(view.admitted()).isEqualTo(7);
    assertThat(view.features()).containsExactly(Map.entry("pdf-receipts", 1L));
    assertThat(view.reasons())
        .containsOnly(
            Map.entry("api-rate", 1L),
            Map.entry("Feature not in plan", 1L),
            Map.entry("Upstream failure", 1L));
  }
}
