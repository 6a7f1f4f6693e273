package io.tollgate.controlplane.audit;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The SQL of the trail. Triggers number and hash the lines and refuse to change them. */
final class AuditStore {
  private AuditStore() {}

  /** Inserts lines chain by chain, in one order for all, so that nobody waits in a circle. */
  static void insert(Transaction tx, List<Audit.Dated> dated) {
    if (dated.isEmpty()) {
      return;
    }
    List<Audit.Line> lines = dated.stream().map(Audit.Dated::line).toList();
    tx.send(
        "INSERT INTO audit_trail (chain, at, actor, action, subject, tenant, details)"
            + " SELECT coalesce(tenant, ''), at, actor, action, subject, tenant, details"
            + " FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[],"
            + " $6::text[])"
            + " WITH ORDINALITY AS l (at, actor, action, subject, tenant, details, place)"
            + " ORDER BY coalesce(tenant, '') COLLATE \"C\", place",
        Unnest.instants(dated, Audit.Dated::at),
        Unnest.texts(lines, Audit.Line::actor),
        Unnest.texts(lines, Audit.Line::action),
        Unnest.texts(lines, Audit.Line::subject),
        Unnest.texts(lines, Audit.Line::tenant),
        Unnest.texts(lines, line -> Wire.write(line.details())));
  }

  static List<AuditEntry> page(Transaction tx, @Nullable String tenant, PageRequest page) {
    String chain = "";
    long position = 0;
    if (page.after() != null) {
      int end = page.after().indexOf('\n');
      if (end < 0) {
        throw Problem.invalid("cursor", "is not one of this list");
      }
      chain = page.after().substring(0, end);
      position = Long.parseLong(page.after().substring(end + 1));
    }
    return tx.list(
        "SELECT *, encode(hash, 'hex') AS hex FROM audit_trail"
            + " WHERE (chain, position) > ($1, $2) AND ($3::text IS NULL OR chain = $3)"
            + " ORDER BY chain, position LIMIT $4",
        AuditStore::entry,
        chain,
        position,
        tenant,
        page.fetch());
  }

  static List<Breach> verify(Transaction tx) {
    return tx.list(
        "SELECT chain, min(position) AS position FROM ("
            + "SELECT t.chain, t.position,"
            + " t.hash = audit_hash(coalesce(lag(t.hash) OVER w, '\\x'::bytea), t)"
            + " AND t.position = coalesce(lag(t.position) OVER w, 0) + 1 AS holds"
            + " FROM audit_trail t WINDOW w AS (PARTITION BY chain ORDER BY position)"
            + ") AS checked WHERE NOT holds GROUP BY chain ORDER BY chain",
        row -> new Breach(row.text("chain"), row.whole("position")));
  }

  private static AuditEntry entry(Row row) {
    return new AuditEntry(
        row.text("chain"),
        row.whole("position"),
        row.instant("at"),
        row.text("actor"),
        row.text("action"),
        row.text("subject"),
        row.findText("tenant"),
        row.text("details"),
        row.text("hex"));
  }
}
