package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Credits by changes and by hand, over HTTP: together never more than was paid. */
class CreditTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  @Test
  void credit_afterAChangeGaveBack_isAtMostTheRest() {
    try (WholeHouse house = new WholeHouse(DB)) {
      house.applyExample("gaudaan");
      String clock = house.clock("2026-04-01T00:00:00Z");
      house.tenant("back", clock);
      String subscription =
          house.subscribe(
              "{\"tenant\": \"back\", \"catalog\": \"gaudaan\", \"plan\": \"standard\"}");
      JsonNode first = house.get("/api/billing/invoices?tenant=back").path("items").get(0);
      String invoice = "/api/billing/invoices/" + first.path("id").asText();
      house.post(invoice + "/payments", "{}");
      house.advance(clock, "2026-04-16T00:00:00Z");
      house.post(
          "/api/billing/subscriptions/" + subscription + "/change", "{\"plan\": \"premium\"}");
      BigDecimal given = givenBack(house);
      assertThat(given).isPositive();

      BigDecimal rest = new BigDecimal(first.path("total").asText()).subtract(given);
      Answer tooMuch = credit(house, invoice, rest.add(new BigDecimal("0.01")));
      assertThat(tooMuch.status()).as(tooMuch.text()).isEqualTo(422);
      assertThat(tooMuch.text()).contains(rest.toPlainString());
      assertThat(credit(house, invoice, rest).status()).isEqualTo(201);
      assertThat(credit(house, invoice, new BigDecimal("0.01")).status()).isEqualTo(422);
    }
  }

  private static Answer credit(WholeHouse house, String invoice, BigDecimal amount) {
    return house
        .api
        .as("admin")
        .post(
            invoice + "/credit-notes",
            "{\"amount\": \"%s\", \"reason\": \"test\"}".formatted(amount));
  }

  /** What the change credited, with tax. */
  private static BigDecimal givenBack(WholeHouse house) {
    BigDecimal given = BigDecimal.ZERO;
    for (JsonNode each : house.get("/api/billing/invoices?tenant=back").path("items")) {
      JsonNode whole = house.get("/api/billing/invoices/" + each.path("id").asText());
      for (JsonNode line : whole.path("lines")) {
        if (line.path("kind").asText().equals("PRORATION_CREDIT")) {
          given =
              given
                  .subtract(new BigDecimal(line.path("amount").asText()))
                  .subtract(new BigDecimal(line.path("tax").asText()));
        }
      }
    }
    return given;
  }
}
