package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.OverLimit;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The SQL of overrides. */
final class OverrideStore {
  private static final String SELECT =
      "SELECT id, tenant, value::text AS value, reason, created_at, expires_at"
          + " FROM entitlement_overrides WHERE revoked_at IS NULL AND tenant = ANY ($1::text[]) ";

  /** An override's value as it is stored: one shape for both kinds. */
  private record Stored(
      String kind,
      String key,
      @Nullable Boolean enabled,
      @Nullable Long limit,
      @Nullable String level,
      @Nullable Long amount,
      @Nullable Long burst,
      OverLimit.@Nullable Behavior behavior) {
    static Stored of(EntitlementOverride.Value value) {
      return switch (value) {
        case EntitlementOverride.Value.OfFeature f ->
            new Stored("feature", f.key(), f.enabled(), f.limit(), f.level(), null, null, null);
        case EntitlementOverride.Value.OfLimit l ->
            new Stored("limit", l.key(), null, null, null, l.amount(), l.burst(), l.behavior());
      };
    }

    EntitlementOverride.Value value() {
      return kind.equals("feature")
          ? new EntitlementOverride.Value.OfFeature(key, Boolean.TRUE.equals(enabled), limit, level)
          : new EntitlementOverride.Value.OfLimit(key, amount, burst, behavior);
    }
  }

  void insert(Transaction tx, EntitlementOverride override) {
    tx.execute(
        "INSERT INTO entitlement_overrides (id, tenant, value, reason, created_at, expires_at)"
            + " VALUES ($1, $2, $3, $4, $5, $6)",
        override.id(),
        override.tenant(),
        Wire.document(Stored.of(override.value())),
        override.reason(),
        override.createdAt(),
        override.expiresAt());
  }

  /** A tenant's overrides that were not revoked, oldest first; expired ones too. */
  List<EntitlementOverride> of(Transaction tx, String tenant) {
    return of(tx, List.of(tenant)).getOrDefault(tenant, List.of());
  }

  /** As {@link #of(Transaction, String)}, by tenant; those without any are missing. */
  Map<String, List<EntitlementOverride>> of(Transaction tx, Collection<String> tenants) {
    return tx
        .list(
            SELECT + "ORDER BY id",
            OverrideStore::override,
            (Object) tenants.toArray(String[]::new))
        .stream()
        .collect(Collectors.groupingBy(EntitlementOverride::tenant));
  }

  Optional<EntitlementOverride> revoke(Transaction tx, String tenant, String id, Instant now) {
    return tx.first(
        "UPDATE entitlement_overrides SET revoked_at = $3 WHERE tenant = $1 AND id = $2"
            + " AND revoked_at IS NULL"
            + " RETURNING id, tenant, value::text AS value, reason, created_at, expires_at",
        OverrideStore::override,
        tenant,
        id,
        now);
  }

  private static EntitlementOverride override(Row row) {
    return new EntitlementOverride(
        row.text("id"),
        row.text("tenant"),
        Wire.read(row.text("value"), Stored.class).value(),
        row.text("reason"),
        row.instant("created_at"),
        row.findInstant("expires_at"));
  }
}
