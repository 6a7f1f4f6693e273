package io.tollgate.controlplane.dunning;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All SQL of the room. */
final class StandingStore {
  private static final String HISTORY =
      "SELECT number, state, access, reason, cause, since FROM dunning_standings ";

  /**
   * Locks tenants' standings to the transaction's end and reads them; no entry before a first one.
   *
   * @param tenants in rising order, in which everybody locks
   */
  Map<String, StandingChange> lock(Transaction tx, Collection<String> tenants) {
    Map<String, Optional<StandingChange>> held = Held.by(tx);
    String[] ids = tenants.stream().filter(t -> !held.containsKey(t)).toArray(String[]::new);
    if (ids.length > 0) {
      // An update that changes nothing locks the row that is there; read after it, what others did
      // to it meanwhile is seen.
      tx.send(
          "INSERT INTO dunning_tenants (tenant, last) SELECT tenant, 0 FROM unnest($1::text[])"
              + " WITH ORDINALITY AS t (tenant, place) ORDER BY place"
              + " ON CONFLICT (tenant) DO UPDATE SET last = dunning_tenants.last",
          (Object) ids);
      tx.list(
          "SELECT s.* FROM dunning_tenants t JOIN dunning_standings s"
              + " ON s.tenant = t.tenant AND s.number = t.last WHERE t.tenant = ANY ($1)",
          row -> held.put(row.text("tenant"), Optional.of(change(row))),
          (Object) ids);
      for (String id : ids) {
        held.putIfAbsent(id, Optional.empty());
      }
    }
    Map<String, StandingChange> last = new HashMap<>();
    tenants.forEach(t -> held.getOrDefault(t, Optional.empty()).ifPresent(c -> last.put(t, c)));
    return last;
  }

  /** The standings a transaction has locked, which nobody else changes before its end. */
  private static final class Held {
    private final Map<String, Optional<StandingChange>> last = new ConcurrentHashMap<>();

    static Map<String, Optional<StandingChange>> by(Transaction tx) {
      return tx.holding(Held.class, Held::new).last;
    }
  }

  /** Keeps changes, by tenant, with two statements. */
  void add(Transaction tx, Map<String, StandingChange> changes) {
    changes.forEach((tenant, change) -> Held.by(tx).put(tenant, Optional.of(change)));
    List<StandingChange> all = List.copyOf(changes.values());
    String[] tenants = changes.keySet().toArray(String[]::new);
    Long[] numbers = all.stream().map(StandingChange::number).toArray(Long[]::new);
    @Nullable String[] states = Unnest.texts(all, change -> change.standing().state().name());
    tx.send(
        "INSERT INTO dunning_standings (tenant, number, state, access, reason, cause, since)"
            + " SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[],"
            + " $6::text[], $7::timestamptz[])",
        tenants,
        numbers,
        states,
        Unnest.texts(all, change -> change.standing().access().name()),
        Unnest.texts(all, change -> change.standing().reason()),
        Unnest.texts(all, StandingChange::cause),
        all.stream().map(StandingChange::since).toArray(Instant[]::new));
    tx.send(
        "UPDATE dunning_tenants AS t SET last = c.number, state = c.state"
            + " FROM unnest($1::text[], $2::bigint[], $3::text[]) AS c (tenant, number, state)"
            + " WHERE t.tenant = c.tenant",
        tenants,
        numbers,
        states);
  }

  /** A tenant's changes, newest first. */
  List<StandingChange> history(Transaction tx, String tenant, PageRequest page) {
    String after = page.after();
    return tx.list(
        HISTORY + "WHERE tenant = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        StandingStore::change,
        tenant,
        after == null ? Long.MAX_VALUE : Long.parseLong(after),
        page.fetch());
  }

  /** A tenant and its present state. */
  record TenantState(String tenant, BillingState state) {}

  /** Tenants by id, those in a state or all. */
  List<TenantState> tenants(Transaction tx, @Nullable BillingState state, PageRequest page) {
    return tx.list(
        "SELECT tenant, state FROM dunning_tenants WHERE state IS NOT NULL"
            + " AND ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR tenant > $2)"
            + " ORDER BY tenant LIMIT $3",
        row -> new TenantState(row.text("tenant"), BillingState.valueOf(row.text("state"))),
        state,
        page.after(),
        page.fetch());
  }

  /** By invoice, the days whose steps were taken; no entry for none. */
  Map<String, Set<Integer>> steps(Transaction tx, Collection<String> invoices) {
    Map<String, Set<Integer>> days = new HashMap<>();
    tx.list(
        "SELECT invoice, day FROM dunning_steps WHERE invoice = ANY ($1)",
        row ->
            days.computeIfAbsent(row.text("invoice"), invoice -> new HashSet<>())
                .add(row.integer("day")),
        (Object) invoices.toArray(String[]::new));
    return days;
  }

  /** A step of an unpaid invoice. */
  record Step(String tenant, String invoice, int day, Instant at) {}

  void takeSteps(Transaction tx, List<Step> steps) {
    tx.send(
        "INSERT INTO dunning_steps (invoice, day, tenant, taken_at)"
            + " SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[])",
        Unnest.texts(steps, Step::invoice),
        steps.stream().map(Step::day).toArray(Integer[]::new),
        Unnest.texts(steps, Step::tenant),
        steps.stream().map(Step::at).toArray(Instant[]::new));
  }

  private static StandingChange change(Row row) {
    return new StandingChange(
        row.whole("number"),
        new Standing(
            BillingState.valueOf(row.text("state")),
            Access.valueOf(row.text("access")),
            row.text("reason")),
        row.text("cause"),
        row.instant("since"));
  }
}
