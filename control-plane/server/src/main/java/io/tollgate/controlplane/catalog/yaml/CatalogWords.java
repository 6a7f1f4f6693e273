package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.Cycle;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Parts of a catalog in the words of its file, for people. Pure. */
public final class CatalogWords {
  private CatalogWords() {}

  /** A part as YAML's flow style writes it; an alternative begins with its own name. */
  public static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "none";
      case BigDecimal number -> number.toPlainString();
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      case CurrencyUnit currency -> currency.getCode();
      case Cycle cycle -> cycle.toString();
      case Optional<?> optional -> optional.map(CatalogWords::of).orElse("none");
      case Map<?, ?> map -> map(map);
      // A set has no order of its own; the same words each time.
      case Set<?> all ->
          "[" + String.join(", ", all.stream().map(CatalogWords::of).sorted().toList()) + "]";
      case Collection<?> all ->
          "[" + String.join(", ", all.stream().map(CatalogWords::of).toList()) + "]";
      case Record record -> record(record);
      default -> String.valueOf(value);
    };
  }

  /** {@code unitPrice} as the file has it: {@code unit-price}. */
  public static String key(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  private static String map(Map<?, ?> map) {
    List<String> entries = new ArrayList<>();
    map.forEach((key, value) -> entries.add(of(key) + ": " + of(value)));
    return "{" + String.join(", ", entries) + "}";
  }

  private static String record(Record record) {
    List<String> members = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      if (!isNothing(value)) {
        members.add(key(component.getName()) + ": " + of(value));
      }
    }
    Class<?> outer = record.getClass().getDeclaringClass();
    boolean alternative = outer != null && outer.isSealed() && outer.isInstance(record);
    return (alternative ? key(record.getClass().getSimpleName()) + " " : "")
        + "{"
        + String.join(", ", members)
        + "}";
  }

  private static boolean isNothing(@Nullable Object value) {
    return value == null
        || value.equals("")
        || (value instanceof Optional<?> optional && optional.isEmpty())
        || (value instanceof Collection<?> all && all.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  /** A component's value. */
  public static @Nullable Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
