package io.tollgate.controlplane.entitlement;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import org.jspecify.annotations.Nullable;

/** The contract's records as JSON: ISO 8601 instants and durations; unknown fields are skipped. */
final class ContractJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private ContractJson() {}

  static String write(Object message) {
    try {
      return JSON.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a contract record cannot be written", e);
    }
  }

  /**
   * @throws JsonProcessingException if the text is no such message; the sentence is for the sender
   */
  static <T> T parse(String text, Class<T> type) throws JsonProcessingException {
    @Nullable T message = JSON.readValue(text, type);
    if (message == null) {
      throw MismatchedInputException.from(
          (JsonParser) null, type, "a JSON object is expected, not null");
    }
    return message;
  }

  /** Reads what this program stored itself. */
  static <T> T stored(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored document cannot be read", e);
    }
  }
}
