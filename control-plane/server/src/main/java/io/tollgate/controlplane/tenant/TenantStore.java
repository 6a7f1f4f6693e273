package io.tollgate.controlplane.tenant;

import io.tollgate.contract.KeyHash;
import io.tollgate.controlplane.database.Alone;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.joda.money.CurrencyUnit;

/** The SQL of tenants and their keys. */
final class TenantStore {
  private static final String TENANTS =
      "SELECT t.*, t.billing::text AS details, c.clock FROM tenants t"
          + " LEFT JOIN tenant_clocks c ON c.tenant = t.tenant ";

  private TenantStore() {}

  static void insert(Transaction tx, Tenant tenant) {
    tx.send(
        "INSERT INTO tenants (tenant, name, zone, currency, billing, version, created_at)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant.id(),
        tenant.name(),
        tenant.zone().getId(),
        tenant.currency().getCode(),
        Wire.document(tenant.billing()),
        tenant.version(),
        tenant.createdAt());
    tx.forget();
  }

  static void update(Transaction tx, Tenant tenant) {
    tx.execute(
        "UPDATE tenants SET name = $2, zone = $3, billing = $4, version = $5, archived_at = $6"
            + " WHERE tenant = $1",
        tenant.id(),
        tenant.name(),
        tenant.zone().getId(),
        Wire.document(tenant.billing()),
        tenant.version(),
        tenant.archivedAt());
    tx.forget();
  }

  static Optional<Tenant> find(Transaction tx, String id) {
    return all(tx, List.of(id)).stream().findFirst();
  }

  static Optional<Tenant> lock(Transaction tx, String id) {
    Alone.waited(tx);
    return tx.first(TENANTS + "WHERE t.tenant = $1 FOR UPDATE OF t", TenantStore::tenant, id);
  }

  /** The tenants a transaction has read, by id; empty for who is not there. */
  private static final class Known {
    private final Map<String, Optional<Tenant>> tenants = new ConcurrentHashMap<>();

    static Map<String, Optional<Tenant>> to(Transaction tx) {
      return tx.memory(Known.class, Known::new).tenants;
    }
  }

  private static final String ALL = TENANTS + "WHERE t.tenant = ANY($1)";

  /** Asks ahead what {@link #all} does of one tenant. */
  static void foresee(Transaction tx, String id) {
    tx.foresee(ALL, (Object) new String[] {id});
  }

  static List<Tenant> all(Transaction tx, Collection<String> ids) {
    Map<String, Optional<Tenant>> known = Known.to(tx);
    String[] unknown = ids.stream().filter(id -> !known.containsKey(id)).toArray(String[]::new);
    if (unknown.length > 0) {
      tx.list(ALL, TenantStore::tenant, (Object) unknown)
          .forEach(tenant -> known.put(tenant.id(), Optional.of(tenant)));
      for (String id : unknown) {
        known.putIfAbsent(id, Optional.empty());
      }
    }
    return ids.stream()
        .distinct()
        .flatMap(id -> known.getOrDefault(id, Optional.empty()).stream())
        .toList();
  }

  static Set<String> known(Transaction tx, Collection<String> ids) {
    return Set.copyOf(
        tx.list(
            "SELECT tenant FROM tenants WHERE tenant = ANY ($1)",
            row -> row.text("tenant"),
            (Object) ids.toArray(String[]::new)));
  }

  static List<Tenant> page(Transaction tx, PageRequest page) {
    return tx.list(
        TENANTS + "WHERE t.tenant > $1 ORDER BY t.tenant LIMIT $2",
        TenantStore::tenant,
        page.after() == null ? "" : page.after(),
        page.fetch());
  }

  static void insertKey(Transaction tx, ApiKey key, String sha256) {
    tx.execute(
        "INSERT INTO api_keys (id, tenant, name, sha256, created_at) VALUES ($1, $2, $3, $4, $5)",
        key.id(),
        key.tenant(),
        key.name(),
        sha256,
        key.createdAt());
  }

  static Optional<ApiKey> revokeKey(Transaction tx, String tenant, String id, Instant at) {
    return tx.first(
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3)"
            + " WHERE tenant = $1 AND id = $2 RETURNING *",
        TenantStore::key,
        tenant,
        id,
        at);
  }

  static void revokeKeys(Transaction tx, String tenant, Instant at) {
    tx.execute(
        "UPDATE api_keys SET revoked_at = $2 WHERE tenant = $1 AND revoked_at IS NULL", tenant, at);
  }

  static List<ApiKey> keys(Transaction tx, String tenant, PageRequest page) {
    return tx.list(
        "SELECT * FROM api_keys WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3",
        TenantStore::key,
        tenant,
        page.after() == null ? "" : page.after(),
        page.fetch());
  }

  /** By tenant, those not revoked; tenants without any are missing. */
  static Map<String, List<KeyHash>> keyHashes(Transaction tx, Collection<String> tenants) {
    Map<String, List<KeyHash>> hashes = new HashMap<>();
    tx.list(
        "SELECT tenant, id, sha256 FROM api_keys WHERE tenant = ANY ($1) AND revoked_at IS NULL"
            + " ORDER BY id",
        row ->
            hashes
                .computeIfAbsent(row.text("tenant"), tenant -> new ArrayList<>())
                .add(new KeyHash(row.text("id"), row.text("sha256"))),
        (Object) tenants.toArray(String[]::new));
    return hashes;
  }

  static Optional<String> tenantOfKey(Transaction tx, String sha256) {
    return tx.first(
        "SELECT tenant FROM api_keys WHERE sha256 = $1 AND revoked_at IS NULL",
        row -> row.text("tenant"),
        sha256);
  }

  private static Tenant tenant(Row row) {
    return new Tenant(
        row.text("tenant"),
        row.text("name"),
        ZoneId.of(row.text("zone")),
        CurrencyUnit.of(row.text("currency")),
        Wire.read(row.text("details"), BillingDetails.class),
        row.findText("clock"),
        row.whole("version"),
        row.instant("created_at"),
        row.findInstant("archived_at"));
  }

  private static ApiKey key(Row row) {
    return new ApiKey(
        row.text("id"),
        row.text("tenant"),
        row.text("name"),
        row.instant("created_at"),
        row.findInstant("revoked_at"));
  }
}
