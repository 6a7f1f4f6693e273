package io.tollgate.proxy.entitlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;

/**
 * The wire's JSON: ISO dates, unknown fields ignored, missing numbers refused. Stateless and
 * thread-safe.
 */
public final class Wire {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private Wire() {}

  /** A message of the contract as UTF-8 JSON. */
  public static byte[] write(Object message) {
    try {
      return MAPPER.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no message of the wire: " + message.getClass(), e);
    }
  }

  /**
   * A message of the contract.
   *
   * @throws IOException if the bytes are not JSON, or no such message; the text names the place
   */
  public static <T> T read(byte[] json, Class<T> type) throws IOException {
    T message = MAPPER.readValue(json, type);
    if (message == null) {
      throw new IOException("a " + type.getSimpleName() + " is expected, not null");
    }
    return message;
  }
}
