package io.tollgate.controlplane.subscription;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.database.Json;
import java.io.Serial;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;

/** A subscription as the document its store keeps. Thread-safe. */
final class SubscriptionJson {
  private static final JsonMapper MAPPER = mapper();

  private SubscriptionJson() {}

  static Json write(Subscription subscription) {
    try {
      return new Json(MAPPER.writeValueAsString(subscription));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Subscription read(String text) {
    try {
      return MAPPER.readValue(text, Subscription.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored subscription cannot be read", e);
    }
  }

  private static JsonMapper mapper() {
    SimpleModule words = new SimpleModule();
    words.addSerializer(Cycle.class, ToStringSerializer.instance);
    words.addDeserializer(
        Cycle.class, new Word<>(Cycle.class, text -> Cycle.parse(text).orElseThrow()));
    words.addSerializer(CurrencyUnit.class, ToStringSerializer.instance);
    words.addDeserializer(CurrencyUnit.class, new Word<>(CurrencyUnit.class, CurrencyUnit::of));
    return JsonMapper.builder()
        .addModule(new JavaTimeModule())
        .addModule(words)
        .addMixIn(SubscriptionState.class, StateNames.class)
        .addMixIn(ScheduledChange.Change.class, ChangeNames.class)
        .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .build();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = SubscriptionState.Pending.class, name = "pending"),
    @JsonSubTypes.Type(value = SubscriptionState.Trial.class, name = "trial"),
    @JsonSubTypes.Type(value = SubscriptionState.Active.class, name = "active"),
    @JsonSubTypes.Type(value = SubscriptionState.Paused.class, name = "paused"),
    @JsonSubTypes.Type(value = SubscriptionState.Cancelled.class, name = "cancelled"),
    @JsonSubTypes.Type(value = SubscriptionState.Expired.class, name = "expired"),
    @JsonSubTypes.Type(value = SubscriptionState.Terminated.class, name = "terminated")
  })
  private interface StateNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = ScheduledChange.Change.ToPlan.class, name = "to-plan"),
    @JsonSubTypes.Type(value = ScheduledChange.Change.ToAddOn.class, name = "to-add-on"),
    @JsonSubTypes.Type(value = ScheduledChange.Change.ToVersion.class, name = "to-version"),
    @JsonSubTypes.Type(value = ScheduledChange.Change.ToPause.class, name = "to-pause")
  })
  private interface ChangeNames {}

  private static final class Word<T> extends FromStringDeserializer<T> {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Function<String, T> reading;

    Word(Class<T> type, Function<String, T> reading) {
      super(type);
      this.reading = reading;
    }

    @Override
    protected T _deserialize(String text, DeserializationContext context) {
      return reading.apply(text);
    }
  }
}
