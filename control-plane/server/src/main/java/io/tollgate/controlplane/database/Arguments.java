package io.tollgate.controlplane.database;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** A statement's arguments as the driver takes them. */
final class Arguments {
  private Arguments() {}

  static Tuple tuple(@Nullable Object[] arguments) {
    Tuple tuple = Tuple.tuple();
    for (Object argument : arguments) {
      tuple.addValue(argument == null ? null : converted(argument));
    }
    return tuple;
  }

  private static Object converted(Object argument) {
    if (argument instanceof Instant instant) {
      return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
    if (argument instanceof Enum<?> constant) {
      return constant.name();
    }
    if (argument instanceof byte[] bytes) {
      return Buffer.buffer(bytes);
    }
    if (argument instanceof Instant[] instants) {
      OffsetDateTime[] times = new OffsetDateTime[instants.length];
      for (int i = 0; i < times.length; i++) {
        times[i] =
            instants[i] == null ? null : OffsetDateTime.ofInstant(instants[i], ZoneOffset.UTC);
      }
      return times;
    }
    return argument instanceof Json json ? json.parameter() : argument;
  }
}
