package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Alone;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The tables of subscriptions and their revisions. */
final class SubscriptionStore {
  private static final String SELECT = "SELECT document::text AS document FROM subscriptions ";

  private static final String SAVE =
      """
      WITH saved AS (
        INSERT INTO subscriptions (id, tenant, product, catalog, version, plan, state, ended,
          revision, period_start, period_end, document)
        SELECT id, tenant, product, catalog, version, plan, state, ended, revision, period_start,
          period_end, document::json
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
          $7::text[], $8::boolean[], $9::bigint[], $10::timestamptz[], $11::timestamptz[],
          $12::text[]) AS s (id, tenant, product, catalog, version, plan, state, ended, revision,
          period_start, period_end, document)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, plan = excluded.plan,
          state = excluded.state, ended = excluded.ended, revision = excluded.revision,
          period_start = excluded.period_start, period_end = excluded.period_end,
          document = excluded.document)
      INSERT INTO subscription_revisions (subscription, revision, tenant, command, at, refund,
        document)
      SELECT subscription, revision, tenant, command, at, refund, document::json
      FROM unnest($1::text[], $9::bigint[], $2::text[], $13::text[], $14::timestamptz[],
        $15::boolean[], $12::text[])
        AS s (subscription, revision, tenant, command, at, refund, document)
      """;

  private SubscriptionStore() {}

  static Optional<Subscription> find(Transaction tx, String id) {
    return KnownSubscriptions.find(
        tx, id, () -> tx.first(SELECT + "WHERE id = $1", SubscriptionStore::subscription, id));
  }

  private static final String AND_CLOCK =
      "SELECT s.document::text AS document, c.id AS clock, c.now FROM subscriptions s"
          + " LEFT JOIN tenant_clocks t ON t.tenant = s.tenant"
          + " LEFT JOIN test_clocks c ON c.id = t.clock WHERE s.id = $1";

  /** As {@link #find}; the transaction knows then what time it is for the tenant. */
  static Optional<Subscription> find(Transaction tx, String id, TenantClocks clocks) {
    return tx.first(
        AND_CLOCK,
        row -> {
          Subscription found = subscription(row);
          clocks.note(tx, found.tenant(), row.findText("clock"), row.findInstant("now"));
          return found;
        },
        id);
  }

  /** Locks the subscriptions that are there, by id. */
  static List<Subscription> lock(Transaction tx, Collection<String> ids) {
    return KnownSubscriptions.among(
        tx,
        ids,
        () ->
            tx.list(
                SELECT + "WHERE id = ANY($1) ORDER BY id FOR UPDATE",
                SubscriptionStore::subscription,
                (Object) ids.toArray(String[]::new)));
  }

  static List<Subscription> ofTenants(Transaction tx, Collection<String> tenants) {
    return KnownSubscriptions.ofTenants(
        tx,
        tenants,
        () ->
            tx.list(
                SELECT + "WHERE tenant = ANY($1) ORDER BY id",
                SubscriptionStore::subscription,
                (Object) tenants.toArray(String[]::new)));
  }

  /** The catalogs of what a transaction has saved, which nobody else changes before its end. */
  private static final class Saved {
    private final Map<String, Subscriptions.CatalogOf> catalogs = new ConcurrentHashMap<>();

    static Map<String, Subscriptions.CatalogOf> by(Transaction tx) {
      return tx.holding(Saved.class, Saved::new).catalogs;
    }
  }

  static Map<String, Subscriptions.CatalogOf> catalogs(Transaction tx, Collection<String> ids) {
    Map<String, Subscriptions.CatalogOf> saved = Saved.by(tx);
    Map<String, Subscriptions.CatalogOf> catalogs = new HashMap<>();
    if (saved.keySet().containsAll(ids)) {
      ids.forEach(id -> catalogs.put(id, Objects.requireNonNull(saved.get(id))));
      return catalogs;
    }
    tx.list(
        "SELECT id, catalog, version FROM subscriptions WHERE id = ANY($1)",
        row ->
            catalogs.put(
                row.text("id"),
                new Subscriptions.CatalogOf(row.text("catalog"), row.integer("version"))),
        (Object) ids.toArray(String[]::new));
    return catalogs;
  }

  static List<Subscription> after(Transaction tx, @Nullable String tenant, String after, int most) {
    return tx.list(
        SELECT + "WHERE ($1::text IS NULL OR tenant = $1) AND id > $2 ORDER BY id LIMIT $3",
        SubscriptionStore::subscription,
        tenant,
        after,
        most);
  }

  static List<String> tenants(Transaction tx, String catalog, String after, int most) {
    return tx.list(
        "SELECT DISTINCT tenant FROM subscriptions WHERE catalog = $1 AND tenant > $2"
            + " ORDER BY tenant LIMIT $3",
        row -> row.text("tenant"),
        catalog,
        after,
        most);
  }

  static Map<String, List<Instant>> boundaries(
      Transaction tx, Collection<String> tenants, Period span) {
    Map<String, List<Instant>> boundaries = new HashMap<>();
    tx.list(
        "SELECT tenant, period_start AS at FROM subscriptions WHERE tenant = ANY ($1)"
            + " AND period_start >= $2 AND period_start < $3"
            + " UNION SELECT tenant, period_end FROM subscriptions WHERE tenant = ANY ($1)"
            + " AND period_end >= $2 AND period_end < $3"
            + " UNION SELECT tenant, at FROM subscription_revisions WHERE tenant = ANY ($1)"
            + " AND at >= $2 AND at < $3",
        row ->
            boundaries
                .computeIfAbsent(row.text("tenant"), tenant -> new ArrayList<>())
                .add(row.instant("at")),
        tenants.toArray(String[]::new),
        span.start(),
        span.end());
    return boundaries;
  }

  static List<Subscription> page(
      Transaction tx, @Nullable String tenant, @Nullable String state, PageRequest page) {
    return tx.list(
        SELECT
            + "WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR state = $2)"
            + " AND ($3::text IS NULL OR id > $3) ORDER BY id LIMIT $4",
        SubscriptionStore::subscription,
        tenant,
        state,
        page.after(),
        page.fetch());
  }

  /** Those that live under an older version of a catalog, by id, locked. */
  static List<Subscription> olderThan(Transaction tx, String catalog, int version) {
    return tx.list(
        SELECT + "WHERE catalog = $1 AND version < $2 AND NOT ended ORDER BY id FOR UPDATE",
        SubscriptionStore::subscription,
        catalog,
        version);
  }

  /** Of ended subscriptions the ids of those whose tenant has a living one of their product. */
  static Set<String> replaced(Transaction tx, Collection<Subscription> ended) {
    return Set.copyOf(
        tx.list(
            "SELECT DISTINCT o.id FROM subscriptions o JOIN subscriptions s ON s.tenant = o.tenant"
                + " AND s.catalog = o.catalog AND s.product = o.product AND NOT s.ended"
                + " WHERE o.id = ANY ($1)",
            row -> row.text("id"),
            (Object) ended.stream().map(Subscription::id).toArray(String[]::new)));
  }

  /**
   * Another living subscription of the same product. Those who ask for one tenant come one after
   * the other, so that of two starts at once the second is told of the first.
   */
  static Optional<String> living(Transaction tx, Subscription like) {
    tx.send(
        "SELECT pg_advisory_xact_lock(hashtextextended('subscriptions of ' || $1, 0))",
        like.tenant());
    Alone.waited(tx);
    return tx.first(
        "SELECT id FROM subscriptions WHERE tenant = $1 AND catalog = $2 AND product = $3"
            + " AND NOT ended AND id <> $4",
        row -> row.text("id"),
        like.tenant(),
        like.catalog(),
        like.product(),
        like.id());
  }

  /** Stores what subscriptions are now, and the steps that led there, with two statements. */
  static void save(Transaction tx, List<Revision> revisions) {
    String[] documents =
        revisions.stream()
            .map(revision -> SubscriptionJson.write(revision.after()).text())
            .toArray(String[]::new);
    tx.send(
        SAVE,
        texts(revisions, Subscription::id),
        texts(revisions, Subscription::tenant),
        texts(revisions, Subscription::product),
        texts(revisions, Subscription::catalog),
        revisions.stream().map(r -> r.after().version()).toArray(Integer[]::new),
        texts(revisions, SubscriptionStore::plan),
        texts(revisions, after -> after.state().word()),
        revisions.stream().map(r -> r.after().state().isOver()).toArray(Boolean[]::new),
        revisions.stream().map(r -> r.after().revision()).toArray(Long[]::new),
        revisions.stream().map(r -> r.after().current().start()).toArray(Instant[]::new),
        revisions.stream().map(r -> r.after().current().end()).toArray(Instant[]::new),
        documents,
        revisions.stream().map(r -> r.command().name()).toArray(String[]::new),
        revisions.stream().map(Revision::at).toArray(Instant[]::new),
        revisions.stream().map(Revision::refund).toArray(Boolean[]::new));
    Map<String, Subscriptions.CatalogOf> saved = Saved.by(tx);
    for (Revision revision : revisions) {
      Subscription after = revision.after();
      saved.put(after.id(), new Subscriptions.CatalogOf(after.catalog(), after.version()));
    }
    KnownSubscriptions.saved(tx, revisions);
  }

  private static String[] texts(List<Revision> revisions, Function<Subscription, String> value) {
    String[] texts = new String[revisions.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = value.apply(revisions.get(i).after());
    }
    return texts;
  }

  /** Steps with those before them, as revisions; those that are not there are missing. */
  static Map<RevisionKey, Revision> revisions(Transaction tx, Collection<RevisionKey> keys) {
    Map<RevisionKey, Step> steps = new HashMap<>();
    tx.list(
        "SELECT DISTINCT s.subscription, s.revision, s.command, s.at, s.refund,"
            + " s.document::text AS document"
            + " FROM unnest($1::text[], $2::bigint[]) AS k (subscription, revision)"
            + " JOIN subscription_revisions s ON s.subscription = k.subscription"
            + " AND s.revision IN (k.revision - 1, k.revision)",
        row ->
            steps.put(new RevisionKey(row.text("subscription"), row.whole("revision")), step(row)),
        keys.stream().map(RevisionKey::subscription).toArray(String[]::new),
        keys.stream().map(RevisionKey::revision).toArray(Long[]::new));
    Map<RevisionKey, Revision> revisions = new HashMap<>();
    for (RevisionKey key : keys) {
      Step step = steps.get(key);
      if (step != null) {
        Step before = steps.get(new RevisionKey(key.subscription(), key.revision() - 1));
        revisions.put(key, step.from(before));
      }
    }
    return revisions;
  }

  /** Every step of a subscription, oldest first. */
  static List<Revision> revisions(Transaction tx, String subscription) {
    return joined(
        tx.list(
            "SELECT command, at, refund, document::text AS document FROM subscription_revisions"
                + " WHERE subscription = $1 ORDER BY revision",
            SubscriptionStore::step,
            subscription));
  }

  /** By subscription, the last step that ended it; those that never ended are missing. */
  static Map<String, Revision> ends(Transaction tx, Collection<String> tenants) {
    Map<String, Step> before = new HashMap<>();
    Map<String, Revision> ends = new HashMap<>();
    tx.list(
            "SELECT command, at, refund, document::text AS document FROM subscription_revisions"
                + " WHERE subscription IN (SELECT id FROM subscriptions WHERE tenant = ANY($1)"
                + " AND ended UNION SELECT subscription FROM subscription_revisions"
                + " WHERE tenant = ANY($1) AND command = 'REACTIVATE')"
                + " ORDER BY subscription, revision",
            SubscriptionStore::step,
            (Object) tenants.toArray(String[]::new))
        .forEach(
            step -> {
              String id = step.after().id();
              Step earlier = before.put(id, step);
              if (earlier != null
                  && step.after().state().isOver()
                  && !earlier.after().state().isOver()) {
                ends.put(id, step.from(earlier));
              }
            });
    return ends;
  }

  private record Step(Command command, Instant at, boolean refund, Subscription after) {
    Revision from(@Nullable Step before) {
      return new Revision(command, at, before == null ? null : before.after(), after, refund);
    }
  }

  private static List<Revision> joined(List<Step> steps) {
    List<Revision> revisions = new ArrayList<>();
    Step before = null;
    for (Step step : steps) {
      revisions.add(step.from(before));
      before = step;
    }
    return revisions;
  }

  private static String plan(Subscription subscription) {
    return subscription.items().stream()
        .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
        .reduce((earlier, later) -> later)
        .map(SubscriptionItem::key)
        .orElse("");
  }

  private static Step step(Row row) {
    return new Step(
        Command.valueOf(row.text("command")),
        row.instant("at"),
        row.bool("refund"),
        SubscriptionJson.read(row.text("document")));
  }

  private static Subscription subscription(Row row) {
    return SubscriptionJson.read(row.text("document"));
  }
}
