package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * What came of a scenario.
 *
 * @param scenario its name
 * @param file where it was read
 * @param passed whether everything expected held and nothing failed that was not to
 * @param failures each with file and line
 * @param notes what other systems' catalogs have that could not be carried over, each with its line
 * @param tenants by id: subscriptions, invoices and credit notes with all lines, balance, standing
 */
public record ScenarioResult(
    String scenario,
    String file,
    boolean passed,
    List<String> failures,
    List<String> notes,
    Map<String, JsonNode> tenants) {
  public ScenarioResult {
    failures = List.copyOf(failures);
    notes = List.copyOf(notes);
  }
}
