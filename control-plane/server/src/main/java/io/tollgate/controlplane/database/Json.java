package io.tollgate.controlplane.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Map;

/**
 * A JSON document on its way into a {@code jsonb} column. Read such a column back as text: {@code
 * SELECT document::text}. Numbers stay exact.
 *
 * @param text a whole JSON value
 */
public record Json(String text) {
  private static final ObjectMapper EXACT =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** The document as the driver takes it. */
  @SuppressWarnings("unchecked")
  Object parameter() {
    Object value;
    try {
      value = EXACT.readValue(text, Object.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    if (value instanceof Map<?, ?> map) {
      return new JsonObject((Map<String, Object>) map);
    }
    if (value instanceof List<?> list) {
      return new JsonArray(list);
    }
    return value == null ? Tuple.JSON_NULL : value;
  }
}
