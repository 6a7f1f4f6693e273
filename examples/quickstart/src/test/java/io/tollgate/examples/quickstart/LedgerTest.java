package io.tollgate.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Map<String, BigDecimal> onLines = new HashMap<>();

  private List<String> differences(String subtotal, String unitPrice, String detail)
      throws JsonProcessingException {
    List<String> differences = new ArrayList<>();
    String invoice =
        """
        {"number": "INV-1", "pricesIncludeTax": true, "subtotal": "%s", "tax": "152.47", "total": "999.50", "lines": [
          {"kind": "BASE_FEE", "amount": "846.61", "tax": "152.39", "quantity": "1"},
          {"kind": "USAGE", "meter": "sms", "description": "SMS", "quantity": "2",
           "unitPrice": "%s", "detail": "%s", "amount": "0.42", "tax": "0.08"}]}
        """
            .formatted(subtotal, unitPrice, detail);
    Ledger.checkLines(Http.JSON.readTree(invoice), onLines, differences);
    return differences;
  }

  @Test
  void checkLines_quantityTimesPriceWithTax_agrees() throws JsonProcessingException {
    assertThat(differences("847.03", "0.25", "")).isEmpty();
    assertThat(onLines).containsEntry("sms", new BigDecimal("2"));
  }

  @Test
  void checkLines_stepsOfAPrice_areAddedUp() throws JsonProcessingException {
    assertThat(differences("847.03", "", "first 1: 1 × 0.3 = 0.3; above: 1 × 0.2 = 0.2")).isEmpty();
  }

  @Test
  void checkLines_netWhereThePricesContainTheTax_isADifference() throws JsonProcessingException {
    assertThat(differences("847.03", "0.21", "")).first().asString().contains("0.42", "0.50");
  }

  @Test
  void checkLines_anotherPrice_isADifference() throws JsonProcessingException {
    assertThat(differences("847.03", "0.26", "")).hasSize(1).first().asString().contains("SMS");
  }

  @Test
  void checkLines_anotherSum_isADifference() throws JsonProcessingException {
    assertThat(differences("847.04", "0.25", "")).first().asString().contains("subtotal");
  }
}
