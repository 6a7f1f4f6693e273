package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.yaml.CatalogWords;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What differs between two versions of a catalog, component by component. Pure. */
final class CatalogDiff {
  private final List<Difference> differences = new ArrayList<>();

  private CatalogDiff() {}

  /**
   * One difference.
   *
   * @param path where, such as {@code plans.starter.prices[INR monthly].amount}
   * @param before what was there; empty for nothing
   * @param after what is there; empty for nothing
   */
  record Difference(String path, String before, String after) {}

  static List<Difference> between(Catalog before, Catalog after) {
    CatalogDiff diff = new CatalogDiff();
    diff.compare("", before, after);
    return diff.differences;
  }

  private void compare(String path, @Nullable Object before, @Nullable Object after) {
    if (same(before, after)) {
      return;
    }
    if (before instanceof Map<?, ?> left && after instanceof Map<?, ?> right) {
      compareMaps(path, left, right);
    } else if (before instanceof List<?> left
        && after instanceof List<?> right
        && areNamed(left)
        && areNamed(right)) {
      compareMaps(path, named(left), named(right));
    } else if (before instanceof List<?> left
        && after instanceof List<?> right
        && left.size() == right.size()) {
      for (int i = 0; i < left.size(); i++) {
        compare(path + "[" + (i + 1) + "]", left.get(i), right.get(i));
      }
    } else if (before instanceof Record left
        && after instanceof Record right
        && !(before instanceof Cycle)
        && left.getClass().equals(right.getClass())) {
      for (RecordComponent component : left.getClass().getRecordComponents()) {
        String name = CatalogWords.key(component.getName());
        String inner = path.isEmpty() ? name : path + "." + name;
        compare(inner, CatalogWords.value(left, component), CatalogWords.value(right, component));
      }
    } else {
      differences.add(new Difference(path, text(before), text(after)));
    }
  }

  private void compareMaps(String path, Map<?, ?> before, Map<?, ?> after) {
    Set<Object> keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (Object key : keys) {
      compare(path + "." + key, before.get(key), after.get(key));
    }
  }

  /** Numbers of another scale are the same number. */
  private static boolean same(@Nullable Object before, @Nullable Object after) {
    return (before instanceof BigDecimal left && after instanceof BigDecimal right)
        ? left.compareTo(right) == 0
        : Objects.equals(before, after);
  }

  private static boolean areNamed(List<?> list) {
    return list.stream()
        .allMatch(
            element ->
                element instanceof LimitSpec
                    || element instanceof Charge
                    || element instanceof Price);
  }

  private static Map<String, Object> named(List<?> list) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Object element : list) {
      map.put(name(element), element);
    }
    return map;
  }

  private static String name(Object element) {
    if (element instanceof LimitSpec limit) {
      return limit.name();
    }
    if (element instanceof Charge charge) {
      return charge.key();
    }
    return element instanceof Price price
        ? price.currency().getCode() + " " + price.cycle()
        : String.valueOf(element);
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : CatalogWords.of(value);
  }
}
