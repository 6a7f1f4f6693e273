package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.dunning.TenantStanding;
import io.tollgate.controlplane.entitlement.DocumentStore.Stored;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.TestClock;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What each tenant may do, as one versioned document per tenant. An event of any source (tenant,
 * keys, subscription, standing, override) leads to a new derivation in the transaction that takes
 * the event off the outbox; a document that came out different gets the next version and sequence
 * and is announced to the proxies as it commits. Thread-safe.
 */
public final class EntitlementDirectory implements Room, AutoCloseable {
  /** The agenda's kind for the end of an override. */
  public static final String EXPIRE = "entitlement.expire";

  private static final int BATCH = 100;
  private static final List<String> SOURCES =
      List.of("tenant.", "subscription.", "standing.", "override.");

  private final EntitlementParts parts;
  private final DocumentStore documents = new DocumentStore();
  private final OverrideStore overrides = new OverrideStore();
  private final ChangeFeed feed;

  /** A directory on these parts; subscribes to the outbox and adds its handler to the agenda. */
  public EntitlementDirectory(EntitlementParts parts) {
    this.parts = parts;
    this.feed = new ChangeFeed(parts.database(), documents);
    parts
        .outbox()
        .subscribe(
            "entitlement",
            kind -> SOURCES.stream().anyMatch(kind::startsWith),
            (tx, events) -> refresh(tx, events.stream().map(Event::tenant).toList()));
    parts
        .agenda()
        .handle(
            EXPIRE, BATCH, (tx, due) -> refresh(tx, due.stream().map(DueWork::tenant).toList()));
  }

  /** Begins to follow the changes of all replicas, for the streams. */
  public void start() {
    feed.start();
  }

  /** Ends the following; open streams end by themselves. */
  @Override
  public void close() {
    feed.close();
  }

  /** A tenant's present document; derived now if it never was. Empty where there is no tenant. */
  public Optional<Entitlements> find(Transaction tx, String tenant) {
    Optional<Entitlements> stored = documents.find(tx, tenant);
    if (stored.isPresent()) {
      return stored;
    }
    refresh(tx, List.of(tenant));
    return documents.find(tx, tenant);
  }

  /** The document of whoever has the key with this SHA-256; empty for nobody. */
  Optional<Entitlements> ofKey(Transaction tx, String sha256) {
    Optional<String> tenant = parts.tenants().tenantOfKey(tx, sha256);
    if (tenant.isEmpty()) {
      return Optional.empty();
    }
    Optional<Entitlements> found = find(tx, tenant.get());
    boolean knows =
        found.stream()
            .flatMap(document -> document.keys().stream())
            .anyMatch(key -> key.sha256().equals(sha256));
    if (knows) {
      return found;
    }
    // A key so new that its event is still on its way.
    refresh(tx, tenant.stream().toList());
    return documents.find(tx, tenant.get());
  }

  /**
   * Derives the documents of tenants anew and stores those that changed under the next version.
   * Locks before it reads, so that the last one to derive saw the most.
   */
  public void refresh(Transaction tx, Collection<String> ids) {
    List<String> sorted = new ArrayList<>(new TreeSet<>(parts.tenants().all(tx, ids).keySet()));
    if (sorted.isEmpty()) {
      return;
    }
    Map<String, Stored> stored = documents.lock(tx, sorted);
    Map<String, Tenant> tenants = parts.tenants().all(tx, sorted);
    List<Entitlements> changed = new ArrayList<>();
    for (String id : sorted) {
      Tenant tenant = Objects.requireNonNull(tenants.get(id));
      Stored before = Objects.requireNonNull(stored.get(id));
      Entitlements derived = Resolution.resolve(facts(tx, tenant));
      if (!isSame(before.document(), derived)) {
        changed.add(numbered(derived, before.version() + 1));
      }
    }
    documents.write(tx, changed);
  }

  /**
   * Brings documents of tenants on test clocks to where their clocks came to rest, since proxies
   * count their windows by it. To be called after a clock was moved.
   */
  public void followClocks(TestClocks clocks) {
    parts
        .database()
        .inTransaction(
            tx -> {
              Map<String, Instant> frozen = documents.frozen(tx);
              Map<String, Tenant> tenants = parts.tenants().all(tx, frozen.keySet());
              List<String> behind =
                  tenants.values().stream()
                      .filter(tenant -> isBehind(tx, clocks, tenant, frozen.get(tenant.id())))
                      .map(Tenant::id)
                      .toList();
              refresh(tx, behind);
              return behind.size();
            });
  }

  private static boolean isBehind(
      Transaction tx, TestClocks clocks, Tenant tenant, @Nullable Instant frozenAt) {
    String clock = tenant.testClock();
    if (clock == null) {
      return true;
    }
    Optional<TestClock> stands = clocks.find(tx, clock);
    return stands.isPresent()
        && stands.get().advancingTo() == null
        && !stands.get().now().equals(frozenAt);
  }

  private Resolution.Facts facts(Transaction tx, Tenant tenant) {
    Instant frozenAt = parts.clocks().frozenAt(tx, tenant.id()).orElse(null);
    Instant now = frozenAt == null ? parts.clocks().wall().instant() : frozenAt;
    List<EntitlementOverride> own = overrides.of(tx, tenant.id());
    planExpiry(tx, tenant.id(), own, now);
    TenantStanding standing = parts.dunning().standing(tx, tenant.id());
    List<Resolution.Bought> bought = new ArrayList<>();
    for (Subscription subscription : parts.subscriptions().of(tx, tenant.id())) {
      if (subscription.state().isInForce()) {
        bought.add(
            new Resolution.Bought(
                subscription,
                parts.catalogs().version(tx, subscription.catalog(), subscription.version())));
      }
    }
    return new Resolution.Facts(
        tenant.id(),
        now,
        frozenAt,
        parts.tenants().keyHashes(tx, tenant.id()),
        bought,
        own,
        standing);
  }

  private void planExpiry(
      Transaction tx, String tenant, List<EntitlementOverride> own, Instant now) {
    own.stream()
        .map(EntitlementOverride::expiresAt)
        .filter(at -> at != null && at.isAfter(now))
        .min(Instant::compareTo)
        .ifPresent(at -> parts.agenda().schedule(tx, new Work(tenant, EXPIRE, tenant, at)));
  }

  /** The same but for version and time. */
  private static boolean isSame(@Nullable Entitlements before, Entitlements derived) {
    if (before == null) {
      return false;
    }
    return new Entitlements(
            derived.format(),
            derived.tenant(),
            before.version(),
            before.asOf(),
            derived.plan(),
            derived.catalog(),
            derived.standing(),
            derived.frozenAt(),
            derived.keys(),
            derived.features(),
            derived.rates(),
            derived.quotas(),
            derived.concurrencies())
        .equals(before);
  }

  private static Entitlements numbered(Entitlements e, long version) {
    return new Entitlements(
        e.format(),
        e.tenant(),
        version,
        e.asOf(),
        e.plan(),
        e.catalog(),
        e.standing(),
        e.frozenAt(),
        e.keys(),
        e.features(),
        e.rates(),
        e.quotas(),
        e.concurrencies());
  }

  EntitlementParts parts() {
    return parts;
  }

  OverrideStore overrides() {
    return overrides;
  }

  @Override
  public void mount(Routes routes) {
    QuotaBlocks blocks = new QuotaBlocks(documents, parts.clocks().wall());
    new ProxyRoutes(this, feed, blocks).mount(routes);
    new OverrideRoutes(this).mount(routes);
    new QuotaRoutes(this).mount(routes);
  }
}
