package io.tollgate.controlplane.audit;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The append-only trail. Each tenant has a chain of its own, so that writing for one never waits
 * for another. A line is written in the transaction of what it tells of. Thread-safe.
 */
public final class Audit implements Room {
  private final InstantSource clock;

  /** A trail whose lines carry this clock's time: when it really happened, even on a test clock. */
  public Audit(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Writes a line.
   *
   * @param actor the caller's principal id, or {@code system}
   * @param tenant whose it is; null for what no tenant owns
   * @param details small facts worth keeping; never a secret
   */
  public void record(
      Transaction tx,
      String actor,
      String action,
      String subject,
      @Nullable String tenant,
      Map<String, ?> details) {
    recordAll(tx, List.of(new Line(actor, action, subject, tenant, details)));
  }

  /** A line to write; the fields are those of {@link #record}. */
  public record Line(
      String actor,
      String action,
      String subject,
      @Nullable String tenant,
      Map<String, ?> details) {}

  /** A line and when it was recorded. */
  record Dated(Line line, Instant at) {}

  /**
   * Writes lines, with all others of the transaction shortly before its end: a chain is held by who
   * writes it until the commit.
   */
  public void recordAll(Transaction tx, List<Line> lines) {
    Instant at = clock.instant();
    tx.gather(
        Dated.class,
        lines.stream().map(line -> new Dated(line, at)).toList(),
        all -> AuditStore.insert(tx, all));
  }

  /** Recomputes every chain's hashes. Returns where a chain does not hold; empty if all do. */
  public List<Breach> verify(Transaction tx) {
    return AuditStore.verify(tx);
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get(
            "/api/billing/audit",
            Role.READERS,
            (call, tx) -> {
              PageRequest page = call.page();
              List<AuditEntry> entries =
                  AuditStore.page(tx, call.tenantFilter().orElse(null), page);
              return Reply.ok(
                  Page.of(entries, page, entry -> entry.chain() + "\n" + entry.position())
                      .map(Audit::shown));
            })
        .paged()
        .query("tenant");
    routes.get(
        "/api/billing/audit/verification",
        Role.WATCHERS,
        (call, tx) -> {
          List<Breach> breaches = verify(tx);
          return Reply.ok(Map.of("intact", breaches.isEmpty(), "breaches", breaches));
        });
  }

  /** The entry with its details as JSON instead of text. */
  private static Map<String, Object> shown(AuditEntry entry) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("chain", entry.chain());
    shown.put("position", entry.position());
    shown.put("at", entry.at());
    shown.put("actor", entry.actor());
    shown.put("action", entry.action());
    shown.put("subject", entry.subject());
    shown.put("details", Wire.tree(entry.details()));
    shown.put("hash", entry.hash());
    return shown;
  }
}
