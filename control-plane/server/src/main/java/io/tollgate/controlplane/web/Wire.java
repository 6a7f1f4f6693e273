package io.tollgate.controlplane.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.tollgate.controlplane.database.Json;
import io.tollgate.controlplane.money.MoneyModule;
import java.io.IOException;
import java.util.Locale;

/**
 * JSON as the API and the stored documents have it: ISO dates, decimals and amounts as strings,
 * absent values left out, unknown members ignored on reading. Thread-safe.
 */
public final class Wire {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new MoneyModule())
          .addModule(new SimpleModule().addSerializer(Locale.class, new LanguageTag()))
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .serializationInclusion(JsonInclude.Include.NON_ABSENT)
          .build();

  private Wire() {}

  /**
   * A language as its BCP 47 tag, such as {@code en-IN}, which Jackson reads but does not write.
   */
  private static final class LanguageTag extends JsonSerializer<Locale> {
    @Override
    public void serialize(Locale language, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(language.toLanguageTag());
    }
  }

  /** Any record, map, list or scalar as JSON text. */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be JSON: " + value.getClass(), e);
    }
  }

  /** Any record, map or list as a document to store. */
  public static Json document(Object value) {
    return new Json(write(value));
  }

  /**
   * JSON text as a value of a type.
   *
   * @throws IllegalArgumentException if the text is not JSON or does not fit
   */
  public static <T> T read(String text, Class<T> type) {
    try {
      return MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /**
   * JSON text as a tree.
   *
   * @throws IllegalArgumentException if the text is not JSON
   */
  public static JsonNode tree(String text) {
    return read(text, JsonNode.class);
  }

  /** The mapper itself, for those who read generic types. Not to be reconfigured. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }
}
