package io.tollgate.controlplane.tenant;

import io.tollgate.contract.KeyHash;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.web.Hashes;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Customers and their API keys. Changes are audited and published as {@code tenant.created}, {@code
 * tenant.updated}, {@code tenant.archived} and {@code tenant.keys-changed}. Thread-safe.
 */
public final class Tenants implements Room {
  private final Parts parts;
  private final List<ArchiveGuard> guards = new ArrayList<>();

  /**
   * What tenants are made with.
   *
   * @param testClocks null where the configuration does not enable them
   * @param random of the keys
   */
  public record Parts(
      Audit audit,
      Outbox outbox,
      TenantClocks clocks,
      @Nullable TestClocks testClocks,
      Ids ids,
      SecureRandom random) {}

  /** A key just made and its secret, which is seen this once. */
  public record MadeKey(ApiKey key, String secret) {}

  /** Tenants on these parts. */
  public Tenants(Parts parts) {
    this.parts = parts;
  }

  /** Adds a guard against archiving. While the program is put together only. */
  public void guard(ArchiveGuard guard) {
    guards.add(guard);
  }

  /** The tenant; empty where there is none or the transaction may not see it. */
  public Optional<Tenant> find(Transaction tx, String id) {
    return TenantStore.find(tx, id);
  }

  /**
   * The tenant.
   *
   * @throws Problem 404 where there is none or the transaction may not see it
   */
  public Tenant get(Transaction tx, String id) {
    return find(tx, id).orElseThrow(() -> Problem.notFound("tenant", id));
  }

  /** Several tenants by id, with one query; those that do not exist are missing. */
  public Map<String, Tenant> all(Transaction tx, Collection<String> ids) {
    Map<String, Tenant> tenants = new HashMap<>();
    TenantStore.all(tx, ids).forEach(tenant -> tenants.put(tenant.id(), tenant));
    return tenants;
  }

  /** Asks ahead for a tenant ({@link Transaction#foresee}). */
  public void foresee(Transaction tx, String id) {
    TenantStore.foresee(tx, id);
  }

  /** Those of these ids that are tenants, with one query. */
  public Set<String> known(Transaction tx, Collection<String> ids) {
    return TenantStore.known(tx, ids);
  }

  /** The hashes of tenants' living keys, by id; tenants without any are missing. */
  public Map<String, List<KeyHash>> keyHashes(Transaction tx, Collection<String> tenants) {
    return TenantStore.keyHashes(tx, tenants);
  }

  /** Whose living key has this SHA-256. The transaction must see every tenant. */
  public Optional<String> tenantOfKey(Transaction tx, String sha256) {
    return TenantStore.tenantOfKey(tx, sha256);
  }

  /** A fresh id for a tenant that was given none. */
  String newId() {
    return parts.ids().next("ten");
  }

  /** When something happens that is not bound to a tenant's time. */
  Instant wallNow() {
    return parts.clocks().wall().instant();
  }

  /**
   * A new tenant as the API takes it, for {@link #create}.
   *
   * @throws Problem 422 naming the field
   */
  public Tenant read(JsonFields fields) {
    return new TenantRoutes(this).read(fields);
  }

  /**
   * Adds a tenant.
   *
   * @throws Problem 409 if the id is taken, 422 if it names a test clock that is not there
   */
  public Tenant create(Transaction tx, String actor, Tenant tenant) {
    if (TenantStore.find(tx, tenant.id()).isPresent()) {
      throw isThere(tenant);
    }
    try {
      TenantStore.insert(tx, tenant);
    } catch (ConflictException e) {
      throw isThere(tenant);
    }
    if (tenant.testClock() != null) {
      attach(tx, tenant.testClock(), tenant.id());
    }
    tell(tx, actor, "tenant.created", tenant, tenant.id());
    return tenant;
  }

  private static Problem isThere(Tenant tenant) {
    return Problem.conflict("there is a tenant " + tenant.id() + " already");
  }

  /**
   * Who changes a tenant.
   *
   * @param actor for the audit trail
   * @param seen refuses where the caller has seen another version
   */
  public record Caller(String actor, Consumer<Tenant> seen) {}

  /**
   * Replaces what the API's fields say: zone and place hold from now on, the currency never
   * changes.
   *
   * @throws Problem 404 if it is not there, 409 if it is archived, 422 naming the field
   */
  public Tenant replace(Transaction tx, Caller caller, String id, JsonFields fields) {
    TenantChange change = TenantRoutes.replacement(fields);
    return update(
        tx,
        caller.actor(),
        id,
        present -> {
          caller.seen().accept(present);
          return change.apply(present);
        });
  }

  /**
   * Stores a changed tenant under the next version.
   *
   * @param change makes the new state from the present one
   * @throws Problem 404 if it is not there, 409 if it is archived or was to live by another clock,
   *     or what the change throws
   */
  Tenant update(Transaction tx, String actor, String id, TenantChange change) {
    Tenant present = TenantStore.lock(tx, id).orElseThrow(() -> Problem.notFound("tenant", id));
    refuseArchived(present);
    Tenant next = change.apply(present);
    if (!Objects.equals(next.testClock(), present.testClock())) {
      boolean live = present.testClock() == null;
      throw Problem.inState(
          "the tenant lives by "
              + (live ? "the wall clock" : present.testClock())
              + "; a test clock is named when one is made",
          live ? "live" : "on a test clock",
          List.of("update", "keys"));
    }
    TenantStore.update(tx, next);
    tell(
        tx,
        actor,
        next.archivedAt() == null ? "tenant.updated" : "tenant.archived",
        next,
        next.id());
    return next;
  }

  /**
   * Makes a tenant a customer no more; its keys are useless from now on.
   *
   * @throws Problem 404 if it is not there, 409 if it is archived or a later room objects
   */
  public void archive(Transaction tx, String actor, String id) {
    mayArchive(tx, id);
    update(
        tx,
        actor,
        id,
        present ->
            new Tenant(
                present.id(),
                present.name(),
                present.zone(),
                present.currency(),
                present.billing(),
                present.testClock(),
                present.version() + 1,
                present.createdAt(),
                wallNow()));
  }

  /** Refuses to archive while a later room objects; then revokes the keys. */
  private void mayArchive(Transaction tx, String id) {
    guards.stream()
        .flatMap(guard -> guard.objection(tx, id).stream())
        .findFirst()
        .ifPresent(
            objection -> {
              throw Problem.inState(
                  "the tenant cannot be archived: " + objection,
                  "active",
                  List.of("update", "keys"));
            });
    TenantStore.revokeKeys(tx, id, wallNow());
  }

  private static void refuseArchived(Tenant tenant) {
    if (tenant.archivedAt() != null) {
      throw Problem.inState(
          "the tenant is archived since " + tenant.archivedAt(), "archived", List.of());
    }
  }

  /**
   * Makes an API key of 256 random bits; only its hash is kept.
   *
   * @throws Problem 404 if there is no such tenant, 409 if it is archived
   */
  public MadeKey makeKey(Transaction tx, String actor, String tenant, String name) {
    Tenant owner = get(tx, tenant);
    refuseArchived(owner);
    ApiKey key = new ApiKey(parts.ids().next("key"), tenant, name, wallNow(), null);
    String secret = Hashes.newCredential("tgk", parts.random());
    TenantStore.insertKey(tx, key, Hashes.sha256(secret));
    tell(tx, actor, "tenant.keys-changed", owner, key.id());
    return new MadeKey(key, secret);
  }

  /**
   * Makes a key useless, everywhere within a second.
   *
   * @throws Problem 404 if the tenant has no such key
   */
  public void revokeKey(Transaction tx, String actor, String tenant, String key) {
    Tenant owner = get(tx, tenant);
    if (TenantStore.revokeKey(tx, tenant, key, wallNow()).isEmpty()) {
      throw Problem.notFound("key", key);
    }
    tell(tx, actor, "tenant.keys-changed", owner, key);
  }

  private void attach(Transaction tx, String clock, String tenant) {
    TestClocks testClocks = parts.testClocks();
    if (testClocks == null) {
      throw Problem.invalid("testClock", "test clocks are not enabled on this server");
    }
    testClocks.attach(tx, clock, tenant);
  }

  private void tell(Transaction tx, String actor, String kind, Tenant tenant, String subject) {
    parts
        .audit()
        .record(tx, actor, kind, subject, tenant.id(), Map.of("version", tenant.version()));
    parts
        .outbox()
        .publish(
            tx,
            new Event(
                tenant.id(),
                kind,
                subject,
                Wire.document(Map.of("version", tenant.version())),
                parts.clocks().now(tx, tenant.id())));
  }

  @Override
  public void mount(Routes routes) {
    new TenantRoutes(this).mount(routes);
  }
}
