package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How far simulations are and what came of them: all their SQL. */
final class ReratingStore {
  /** After so long without progress, whoever worked on a simulation is gone. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private static final Duration KEPT = Duration.ofDays(30);

  private ReratingStore() {}

  static void insert(Transaction tx, String id, Reratings.Draft draft, Instant now) {
    tx.execute("DELETE FROM simulation_reratings WHERE begun_at < $1", now.minus(KEPT));
    tx.execute(
        "INSERT INTO simulation_reratings (id, catalog, invoices, actor, state, begun_at, seen_at)"
            + " VALUES ($1, $2, $3, $4, 'RUNNING', $5, $5)",
        id,
        draft.catalog().name(),
        draft.invoices(),
        draft.actor(),
        now);
  }

  static void progress(Transaction tx, String id, long tenants, Instant now) {
    tx.execute(
        "UPDATE simulation_reratings SET tenants = greatest(tenants, $2), seen_at = $3"
            + " WHERE id = $1",
        id,
        tenants,
        now);
  }

  static void finish(
      Transaction tx,
      String id,
      Optional<ReratingResult> result,
      Optional<String> problem,
      Instant now) {
    tx.execute(
        "UPDATE simulation_reratings SET state = $2, result = $3::text::jsonb, problem = $4,"
            + " seen_at = $5 WHERE id = $1",
        id,
        result.isPresent() ? "DONE" : "FAILED",
        result.map(Wire::write).orElse(null),
        problem.orElse(null),
        now);
  }

  /** A simulation as the API shows it. */
  static Optional<Map<String, Object>> find(Transaction tx, String id, Instant now) {
    return tx.first(
        "SELECT *, result::text AS answer FROM simulation_reratings WHERE id = $1",
        row -> shown(row, now),
        id);
  }

  private static Map<String, Object> shown(Row row, Instant now) {
    boolean lost =
        row.text("state").equals("RUNNING") && row.instant("seen_at").isBefore(now.minus(SILENCE));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", row.text("id"));
    shown.put("state", lost ? "LOST" : row.text("state"));
    shown.put("catalog", row.text("catalog"));
    shown.put("invoicesPerTenant", row.integer("invoices"));
    shown.put("tenantsDone", row.whole("tenants"));
    shown.put("begunAt", row.instant("begun_at"));
    shown.put("seenAt", row.instant("seen_at"));
    String answer = row.findText("answer");
    if (answer != null) {
      shown.put("result", Wire.tree(answer));
    }
    String problem = row.findText("problem");
    if (problem != null) {
      shown.put("problem", problem);
    }
    return shown;
  }
}
