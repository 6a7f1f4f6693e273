package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.simulation.scenario.Scenario.Expected;
import java.util.List;

/**
 * What of a tenant is looked at, so that nothing else need be asked for.
 *
 * @param whole whether all of it is
 * @param paths what is expected of it
 */
record Wanted(boolean whole, List<String> paths) {
  static final Wanted ALL = new Wanted(true, List.of());

  Wanted {
    paths = List.copyOf(paths);
  }

  static Wanted of(List<Expected> expected) {
    return new Wanted(false, expected.stream().map(Expected::path).toList());
  }

  /** Whether any value below one of these keys is looked at. */
  boolean any(String... keys) {
    return whole
        || paths.stream()
            .map(path -> path.split("\\.", 2)[0])
            .anyMatch(first -> List.of(keys).contains(first));
  }

  /** Whether any value whose path has one of these keys in it is looked at. */
  boolean inside(String... keys) {
    return whole
        || paths.stream()
            .anyMatch(
                path -> List.of(path.split("\\.", -1)).stream().anyMatch(List.of(keys)::contains));
  }
}
