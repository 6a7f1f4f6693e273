package io.tollgate.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every golden file reads into its record and writes back the same: the wire has not changed. */
class GoldenTest {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  static Stream<Class<?>> messages() {
    return Stream.of(
        Entitlements.class,
        EntitlementsChange.class,
        UsageTotals.class,
        UsageReceipt.class,
        QuotaBlockRequest.class,
        QuotaBlock.class);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void golden_roundTrip_isUnchanged(Class<?> message) throws IOException {
    JsonNode golden;
    try (InputStream file =
        Objects.requireNonNull(
            message.getResourceAsStream("golden/" + message.getSimpleName() + ".json"))) {
      golden = JSON.readTree(file);
    }
    Object record = JSON.treeToValue(golden, message);
    assertThat((Object) JSON.readTree(JSON.writeValueAsString(record))).isEqualTo(golden);
  }
}
