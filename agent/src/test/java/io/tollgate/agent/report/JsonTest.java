package io.tollgate.agent.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hand-written JSON against the contract's golden files and against Jackson. */
class JsonTest {
  private static final ObjectMapper JACKSON =
      JsonMapper.builder().addModule(new JavaTimeModule()).build();
  private static final long HOUR = Instant.parse("2026-03-01T10:00:00Z").getEpochSecond() / 3_600;

  @Test
  void usageTotals_ofTheGoldenFile_isWrittenAlike() throws IOException {
    byte[] written =
        JsonWriter.usageTotals(
            "proxy-a",
            "5f0c9f4e-8d5c-4c0e-9a56-0d6f1f9a2b11",
            17,
            List.of(
                total("dharma-gau-raksha", "calls", HOUR, 812),
                total("dharma-gau-raksha", "pdf-receipts", HOUR, 3)));
    assertThat((Object) JACKSON.readTree(written)).isEqualTo(golden("UsageTotals"));
  }

  @Property
  void usageTotals_ofAnyText_isReadByJackson(
      @ForAll String tenant,
      @ForAll @LongRange(min = 0) long units,
      @ForAll @LongRange(min = 0, max = 100_000_000) long hour)
      throws IOException {
    byte[] written =
        JsonWriter.usageTotals("s", "i", 1, List.of(total(tenant, "calls", hour, units)));
    UsageTotals read = JACKSON.readValue(written, UsageTotals.class);
    assertThat(read.totals().get(0).tenant()).isEqualTo(tenant);
    assertThat(read.totals().get(0).total()).isEqualTo(units);
    assertThat(read.totals().get(0).hour()).isEqualTo(Instant.ofEpochSecond(hour * 3_600));
  }

  @Test
  void parse_ofTheGoldenReceipt_findsTheRefusal() throws IOException {
    Receipt receipt = Receipt.parse(golden("UsageReceipt").toString(), 17);
    assertThat(receipt.refusals).containsExactly("there is no tenant 'nobody'");
  }

  @Test
  void parse_ofAnotherMessagesReceipt_isRefused() throws IOException {
    String receipt = golden("UsageReceipt").toString();
    assertThatThrownBy(() -> Receipt.parse(receipt, 18)).isInstanceOf(IOException.class);
  }

  @Property
  void parse_ofAnyText_isReadAsWritten(@ForAll String text) throws IOException {
    String json = JACKSON.writeValueAsString(Map.of("a", List.of(text, 1, true)));
    assertThat(JsonReader.parse(json)).isEqualTo(Map.of("a", List.of(text, "1", "true")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"a\"", "{\"a\":1,}x", "[1", "\"a", "\"\\u12", "[] []", "{1:2}"})
  void parse_ofNoJson_isAnIoException(String text) {
    assertThatThrownBy(() -> JsonReader.parse(text)).isInstanceOf(IOException.class);
  }

  @Test
  void parse_ofDeepNesting_isAnIoException() {
    assertThatThrownBy(() -> JsonReader.parse("[".repeat(100_000))).isInstanceOf(IOException.class);
  }

  private static Snapshot total(String tenant, String feature, long hour, long units) {
    Total total = new Total(tenant, feature, hour);
    total.units = units;
    return new Snapshot(total);
  }

  private static JsonNode golden(String message) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            UsageTotals.class.getResourceAsStream("golden/" + message + ".json"))) {
      return JACKSON.readTree(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
