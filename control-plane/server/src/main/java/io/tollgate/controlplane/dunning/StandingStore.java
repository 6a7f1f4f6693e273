package io.tollgate.controlplane.dunning;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All SQL of the room. */
final class StandingStore {
  private static final String HISTORY =
      "SELECT number, state, access, reason, cause, since FROM dunning_standings ";

  /** Locks the tenant's standing to the transaction's end and reads it; empty before the first. */
  Optional<StandingChange> lock(Transaction tx, String tenant) {
    tx.execute(
        "INSERT INTO dunning_tenants (tenant, last) VALUES ($1, 0) ON CONFLICT DO NOTHING", tenant);
    long last =
        tx.one(
            "SELECT last FROM dunning_tenants WHERE tenant = $1 FOR UPDATE",
            row -> row.whole("last"),
            tenant);
    return tx.first(
        HISTORY + "WHERE tenant = $1 AND number = $2", StandingStore::change, tenant, last);
  }

  void add(Transaction tx, String tenant, StandingChange change) {
    tx.execute(
        "INSERT INTO dunning_standings (tenant, number, state, access, reason, cause, since)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        change.number(),
        change.standing().state(),
        change.standing().access(),
        change.standing().reason(),
        change.cause(),
        change.since());
    tx.execute(
        "UPDATE dunning_tenants SET last = $2, state = $3 WHERE tenant = $1",
        tenant,
        change.number(),
        change.standing().state());
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

  /** The days of an invoice whose steps were taken. */
  Set<Integer> steps(Transaction tx, String invoice) {
    return new HashSet<>(
        tx.list(
            "SELECT day FROM dunning_steps WHERE invoice = $1",
            row -> row.integer("day"),
            invoice));
  }

  void takeStep(Transaction tx, String tenant, String invoice, int day, Instant now) {
    tx.execute(
        "INSERT INTO dunning_steps (invoice, day, tenant, taken_at) VALUES ($1, $2, $3, $4)",
        invoice,
        day,
        tenant,
        now);
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
