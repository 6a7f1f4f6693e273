package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of subscriptions and their revisions. */
final class SubscriptionStore {
  private static final String SELECT = "SELECT document::text AS document FROM subscriptions ";

  private SubscriptionStore() {}

  static Optional<Subscription> find(Transaction tx, String id) {
    return tx.first(SELECT + "WHERE id = $1", SubscriptionStore::subscription, id);
  }

  /** Locks the subscriptions that are there, by id. */
  static List<Subscription> lock(Transaction tx, Collection<String> ids) {
    return tx.list(
        SELECT + "WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        SubscriptionStore::subscription,
        (Object) ids.toArray(String[]::new));
  }

  static List<Subscription> ofTenants(Transaction tx, Collection<String> tenants) {
    return tx.list(
        SELECT + "WHERE tenant = ANY($1) ORDER BY id",
        SubscriptionStore::subscription,
        (Object) tenants.toArray(String[]::new));
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

  static Optional<String> living(Transaction tx, Subscription like) {
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
    List<@Nullable Object[]> now = new ArrayList<>();
    List<@Nullable Object[]> steps = new ArrayList<>();
    for (Revision revision : revisions) {
      Subscription after = revision.after();
      var document = SubscriptionJson.write(after);
      now.add(
          new @Nullable Object[] {
            after.id(),
            after.tenant(),
            after.product(),
            after.catalog(),
            after.version(),
            plan(after),
            after.state().word(),
            after.state().isOver(),
            after.revision(),
            after.current().start(),
            after.current().end(),
            document
          });
      steps.add(
          new @Nullable Object[] {
            after.id(),
            after.revision(),
            after.tenant(),
            revision.command(),
            revision.at(),
            revision.refund(),
            document
          });
    }
    tx.executeBatch(
        "INSERT INTO subscriptions (id, tenant, product, catalog, version, plan, state, ended,"
            + " revision, period_start, period_end, document)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            + " ON CONFLICT (id) DO UPDATE SET version = $5, plan = $6, state = $7, ended = $8,"
            + " revision = $9, period_start = $10, period_end = $11, document = $12",
        now);
    tx.executeBatch(
        "INSERT INTO subscription_revisions"
            + " (subscription, revision, tenant, command, at, refund, document)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        steps);
  }

  /** A step with the one before it, as a revision. */
  static Optional<Revision> revision(Transaction tx, String subscription, long revision) {
    List<Step> steps =
        tx.list(
            "SELECT command, at, refund, document::text AS document FROM subscription_revisions"
                + " WHERE subscription = $1 AND revision IN ($2::bigint - 1, $2::bigint)"
                + " ORDER BY revision",
            SubscriptionStore::step,
            subscription,
            revision);
    return steps.isEmpty() || steps.getLast().after().revision() != revision
        ? Optional.empty()
        : Optional.of(joined(steps).getLast());
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

  private record Step(Command command, Instant at, boolean refund, Subscription after) {}

  private static List<Revision> joined(List<Step> steps) {
    List<Revision> revisions = new ArrayList<>();
    Subscription before = null;
    for (Step step : steps) {
      revisions.add(new Revision(step.command(), step.at(), before, step.after(), step.refund()));
      before = step.after();
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
