package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.dunning.TenantStanding;
import io.tollgate.controlplane.entitlement.DocumentStore.Stored;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.TestClock;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.wallet.PrepaidUnits;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What each tenant may do, as one versioned document per tenant. An event of any source (tenant,
 * keys, subscription, standing, override) leads to a new derivation in the transaction that takes
 * the event off the outbox; a document that came out different gets the next version and sequence
 * and is announced to the proxies as it commits. Whoever asks for a tenant's document while an
 * event of it waits derives it there and then, so that what was answered is seen at once.
 * Thread-safe.
 */
public final class EntitlementDirectory implements Room, AutoCloseable {
  /** The agenda's kind for the end of an override, or of a window that units paid ahead enlarge. */
  public static final String EXPIRE = "entitlement.expire";

  private static final String CONSUMER = "entitlement";
  private static final int BATCH = 250;
  private static final List<String> SOURCES =
      List.of("tenant.", "subscription.", "standing.", "override.", "wallet.");

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
            CONSUMER,
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

  /**
   * A tenant's present document, derived now if it never was or if something that happened to the
   * tenant has not been taken in yet. Empty where there is no tenant.
   */
  public Optional<Entitlements> find(Transaction tx, String tenant) {
    // In this order: what does not wait any more is in the document read after it.
    if (!parts.outbox().isWaiting(tx, CONSUMER, tenant)) {
      Optional<Entitlements> stored = documents.find(tx, tenant);
      if (stored.isPresent()) {
        return stored;
      }
    }
    refresh(tx, List.of(tenant));
    return documents.find(tx, tenant);
  }

  /** The document of whoever has the key with this SHA-256; empty for nobody. */
  Optional<Entitlements> ofKey(Transaction tx, String sha256) {
    return parts.tenants().tenantOfKey(tx, sha256).flatMap(tenant -> find(tx, tenant));
  }

  /**
   * What each subscription that gives nothing - unpaid, paused, not begun - would give by itself,
   * the latest first, with its own standing. Ended ones count where the tenant has no access at
   * all.
   */
  List<Entitlements> blocked(Transaction tx, Entitlements document) {
    boolean barred = document.standing().access() == Access.NONE;
    String tenant = document.tenant();
    Predicate<Subscription> candidates = each -> barred || !each.state().isOver();
    Resolution.Facts facts =
        Objects.requireNonNull(facts(tx, List.of(tenant), candidates).get(tenant));
    return facts.bought().reversed().stream()
        .filter(bought -> !facts.serves(bought.subscription()))
        .map(bought -> Resolution.alone(facts, bought))
        .toList();
  }

  /**
   * Derives the documents of tenants anew and stores those that changed under the next version.
   * Locks before it reads, so that the last one to derive saw the most.
   */
  public void refresh(Transaction tx, Collection<String> ids) {
    List<String> sorted = List.copyOf(new TreeSet<>(parts.tenants().known(tx, ids)));
    if (sorted.isEmpty()) {
      return;
    }
    Map<String, Stored> stored = documents.lock(tx, sorted);
    List<Entitlements> changed = new ArrayList<>();
    List<Work> works = new ArrayList<>();
    Map<String, Resolution.Facts> facts =
        facts(tx, sorted, subscription -> subscription.state().isInForce());
    for (String id : sorted) {
      Stored before = Objects.requireNonNull(stored.get(id));
      Resolution.Facts from = Objects.requireNonNull(facts.get(id));
      Entitlements derived = Resolution.resolve(from);
      expiry(id, from.overrides(), from.now()).ifPresent(works::add);
      Instant again = Limits.nextWindow(derived, from.now());
      if (again != null) {
        works.add(new Work(id, EXPIRE, id + "/window", again));
      }
      if (!isSame(before.document(), derived)) {
        changed.add(numbered(derived, before.version() + 1));
      }
    }
    documents.write(tx, changed);
    parts.agenda().scheduleAll(tx, works);
  }

  /**
   * Brings the documents of a test clock's tenants to where it came to rest, since proxies count
   * their windows by it. In transactions of some hundred tenants each.
   */
  public void follow(TestClock clock) {
    String after = "";
    while (after != null) {
      String last = after;
      after = parts.database().inTransaction(tx -> follow(tx, clock, last));
    }
  }

  /** The next some hundred; the last of them, or null where there was none. */
  private @Nullable String follow(Transaction tx, TestClock clock, String after) {
    List<String> behind = documents.behind(tx, clock.id(), clock.now(), after, BATCH);
    refresh(tx, behind);
    return behind.isEmpty() ? null : behind.getLast();
  }

  /**
   * All that tenants' documents follow from, by a few queries however many they are.
   *
   * @param which of their subscriptions
   */
  private Map<String, Resolution.Facts> facts(
      Transaction tx, Collection<String> tenants, Predicate<Subscription> which) {
    Instant wall = parts.clocks().wall().instant();
    Supplier<Map<String, Instant>> clocks = tx.ask(() -> parts.clocks().frozenAt(tx, tenants));
    Supplier<Map<String, List<KeyHash>>> hashes =
        tx.ask(() -> parts.tenants().keyHashes(tx, tenants));
    Supplier<Map<String, List<EntitlementOverride>>> overriding =
        tx.ask(() -> overrides.of(tx, tenants));
    Supplier<Map<String, PrepaidUnits>> paidAhead =
        tx.ask(() -> parts.wallets().prepaid(tx, tenants));
    Supplier<List<Subscription>> subscriptions =
        tx.ask(() -> parts.subscriptions().of(tx, tenants));
    Map<String, TenantStanding> standings = parts.dunning().standings(tx, tenants, subscriptions);
    Map<String, List<Resolution.Bought>> bought =
        bought(tx, subscriptions.get().stream().filter(which).toList());
    Map<String, Instant> frozen = clocks.get();
    Map<String, List<KeyHash>> keys = hashes.get();
    Map<String, List<EntitlementOverride>> own = overriding.get();
    Map<String, PrepaidUnits> prepaid = paidAhead.get();
    Map<String, Resolution.Facts> facts = new HashMap<>();
    for (String tenant : tenants) {
      Instant now = frozen.getOrDefault(tenant, wall);
      facts.put(
          tenant,
          new Resolution.Facts(
              tenant,
              now,
              frozen.get(tenant),
              keys.getOrDefault(tenant, List.of()),
              bought.getOrDefault(tenant, List.of()),
              own.getOrDefault(tenant, List.of()),
              prepaid(tx, tenant, prepaid.get(tenant)),
              Objects.requireNonNull(standings.get(tenant))));
    }
    return facts;
  }

  private static Resolution.Prepaid prepaid(
      Transaction tx, String tenant, @Nullable PrepaidUnits units) {
    return units == null
        ? Resolution.Prepaid.NOTHING
        : (quota, meter, since) -> {
          long left =
              units.everPaidIn(meter) - PrepaidStore.takenElsewhere(tx, tenant, quota, since);
          return Math.max(0, Math.min(units.since(meter, since), left));
        };
  }

  private Map<String, List<Resolution.Bought>> bought(
      Transaction tx, Collection<Subscription> subscriptions) {
    Map<String, List<Resolution.Bought>> bought = new HashMap<>();
    for (Subscription subscription : subscriptions) {
      bought
          .computeIfAbsent(subscription.tenant(), tenant -> new ArrayList<>())
          .add(
              new Resolution.Bought(
                  subscription,
                  parts.catalogs().version(tx, subscription.catalog(), subscription.version())));
    }
    return bought;
  }

  private static Optional<Work> expiry(String tenant, List<EntitlementOverride> own, Instant now) {
    return own.stream()
        .map(EntitlementOverride::expiresAt)
        .filter(at -> at != null && at.isAfter(now))
        .min(Instant::compareTo)
        .map(at -> new Work(tenant, EXPIRE, tenant, at));
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
            derived.concurrencies(),
            derived.storeDown(),
            derived.origins())
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
        e.concurrencies(),
        e.storeDown(),
        e.origins());
  }

  private long everPaidIn(Transaction tx, String tenant, String meter) {
    PrepaidUnits units = parts.wallets().prepaid(tx, List.of(tenant)).get(tenant);
    return units == null ? 0 : units.everPaidIn(meter);
  }

  EntitlementParts parts() {
    return parts;
  }

  /**
   * Puts an override in force; it has the last word until it is revoked or expires.
   *
   * @throws Problem 422 for what the tenant's catalogs do not know
   */
  public void add(Transaction tx, String actor, EntitlementOverride override) {
    new OverrideRules(this).check(tx, override);
    overrides().insert(tx, override);
    tell(tx, actor, "override.added", override);
  }

  /**
   * Lets what was set for a feature or a limit hold no more.
   *
   * @throws Problem 404 if nothing was
   */
  public void revoke(Transaction tx, String actor, String tenant, String key) {
    Instant now = parts.clocks().now(tx, tenant);
    List<EntitlementOverride> revoked =
        overrides().of(tx, tenant).stream()
            .filter(override -> override.value().key().equals(key) && override.isInForceAt(now))
            .toList();
    if (revoked.isEmpty()) {
      throw Problem.notFound("override of", key);
    }
    for (EntitlementOverride override : revoked) {
      overrides().revoke(tx, tenant, override.id(), now);
      tell(tx, actor, "override.revoked", override);
    }
  }

  void tell(Transaction tx, String actor, String kind, EntitlementOverride override) {
    Map<String, Object> facts = Map.of("key", override.value().key(), "reason", override.reason());
    parts.audit().record(tx, actor, kind, override.id(), override.tenant(), facts);
    parts
        .outbox()
        .publish(
            tx,
            new Event(
                override.tenant(),
                kind,
                override.id(),
                Wire.document(facts),
                parts.clocks().now(tx, override.tenant())));
  }

  OverrideStore overrides() {
    return overrides;
  }

  @Override
  public void mount(Routes routes) {
    QuotaBlocks blocks = new QuotaBlocks(documents, parts.clocks().wall(), this::everPaidIn);
    new ProxyRoutes(this, feed, blocks).mount(routes);
    new OverrideRoutes(this).mount(routes);
    new QuotaRoutes(this).mount(routes);
    new AlertRoutes(parts).mount(routes);
  }
}
