package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.simulation.scenario.Scenario.Expected;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds what came against what was expected. Numbers are compared as numbers. */
final class Expectations {
  private Expectations() {}

  /** The failures, each with its place in the file. */
  static List<String> failures(List<Expected> expected, Map<String, JsonNode> tenants) {
    List<String> failures = new ArrayList<>();
    for (Expected one : expected) {
      JsonNode tenant = tenants.get(one.tenant());
      String found = tenant == null ? null : found(tenant, one.path());
      if (found == null) {
        failures.add(one.place().apply("there is no such value; expected " + one.value()));
      } else if (!same(found, one.value())) {
        failures.add(one.place().apply("expected " + one.value() + ", but it is " + found));
      }
    }
    return failures;
  }

  /** The value at a path such as {@code last.lines.0.amount}; a list alone is its size. */
  private static @Nullable String found(JsonNode tenant, String path) {
    JsonNode node = tenant;
    for (String part : path.split("\\.", -1)) {
      if (node.isArray() && part.equals("size")) {
        return String.valueOf(node.size());
      }
      node = node.isArray() ? node.path(Integer.parseInt(part)) : node.path(part);
    }
    if (node.isArray()) {
      return String.valueOf(node.size());
    }
    return node.isMissingNode() ? null : node.asText();
  }

  private static boolean same(String found, String expected) {
    if (found.equals(expected)) {
      return true;
    }
    try {
      return new BigDecimal(found).compareTo(new BigDecimal(expected)) == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
