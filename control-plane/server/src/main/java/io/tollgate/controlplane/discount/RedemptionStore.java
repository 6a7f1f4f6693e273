package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables of redemptions and their counts. */
final class RedemptionStore {
  private RedemptionStore() {}

  /** A redemption with its coupon's place in the catalogs. */
  record Stored(
      String id,
      String tenant,
      String subscription,
      String catalog,
      int version,
      String code,
      Instant from,
      @Nullable Instant until) {}

  /** Counts one more; the count's row is locked until the transaction's end. */
  static int count(Transaction tx, String catalog, String code) {
    return tx.one(
        "INSERT INTO coupon_counts (catalog, code, redeemed) VALUES ($1, $2, 1)"
            + " ON CONFLICT (catalog, code) DO UPDATE SET redeemed = coupon_counts.redeemed + 1"
            + " RETURNING redeemed",
        row -> row.integer("redeemed"),
        catalog,
        code);
  }

  static void insert(Transaction tx, Stored stored) {
    Missing.added(tx, "coupon_redemptions");
    tx.send(
        "INSERT INTO coupon_redemptions"
            + " (id, tenant, subscription, catalog, version, code, from_at, until_at)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        stored.id(),
        stored.tenant(),
        stored.subscription(),
        stored.catalog(),
        stored.version(),
        stored.code(),
        stored.from(),
        stored.until());
  }

  /** Those that were ended by hand too, oldest first. */
  static List<Stored> all(Transaction tx, Collection<String> subscriptions) {
    return tx.list(
        "SELECT * FROM coupon_redemptions WHERE subscription = ANY($1) ORDER BY id",
        RedemptionStore::stored,
        (Object) subscriptions.toArray(String[]::new));
  }

  private static final String LIVING =
      "SELECT * FROM coupon_redemptions WHERE subscription = ANY($1) AND ended_at IS NULL"
          + " ORDER BY id";

  private static final String PERIODS =
      "SELECT subscription, code, period FROM coupon_periods WHERE subscription = ANY($1)";

  /** Asks ahead what {@link #known} and {@link #periods} do of one subscription. */
  static void foresee(Transaction tx, String subscription) {
    tx.foresee(LIVING, (Object) new String[] {subscription});
    tx.foresee(PERIODS, (Object) new String[] {subscription});
  }

  /** Those that were not ended by hand, oldest first. */
  static List<Stored> of(Transaction tx, Collection<String> subscriptions) {
    return tx.list(LIVING, RedemptionStore::stored, (Object) subscriptions.toArray(String[]::new));
  }

  /** As {@link #of}; where none was found, the transaction's own alone are found later. */
  static List<Stored> known(Transaction tx, Collection<String> subscriptions) {
    return Missing.among(
        tx,
        "coupon_redemptions",
        subscriptions,
        Stored::subscription,
        asked -> of(tx, List.of(asked)));
  }

  /** Whether the code was ever redeemed for the subscription. */
  static boolean wasRedeemed(Transaction tx, String subscription, String code) {
    return tx.first(
            "SELECT id FROM coupon_redemptions WHERE subscription = $1 AND code = $2",
            row -> row.text("id"),
            subscription,
            code)
        .isPresent();
  }

  static int end(Transaction tx, String subscription, String code, Instant at) {
    return tx.execute(
        "UPDATE coupon_redemptions SET ended_at = $3"
            + " WHERE subscription = $1 AND code = $2 AND ended_at IS NULL",
        subscription,
        code,
        at);
  }

  /** By subscription and code, when the periods began in which it took something off. */
  static Map<String, Map<String, Set<Instant>>> periods(
      Transaction tx, Collection<String> subscriptions) {
    Map<String, Map<String, Set<Instant>>> periods = new HashMap<>();
    tx.list(
        PERIODS,
        row ->
            periods
                .computeIfAbsent(row.text("subscription"), id -> new HashMap<>())
                .computeIfAbsent(row.text("code"), code -> new HashSet<>())
                .add(row.instant("period")),
        (Object) subscriptions.toArray(String[]::new));
    return periods;
  }

  /** Held from here on: who frees or takes them comes one after the other. */
  static void hold(Transaction tx, Collection<String> subscriptions) {
    tx.list(
        "SELECT code FROM coupon_periods WHERE subscription = ANY($1)"
            + " ORDER BY subscription, code, period FOR UPDATE",
        row -> row.text("code"),
        (Object) subscriptions.toArray(String[]::new));
  }

  /** Keeps them, and holds those that are known already. */
  static void take(Transaction tx, List<Redemptions.Taken> taken) {
    tx.send(
        "INSERT INTO coupon_periods (tenant, subscription, code, period)"
            + " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])"
            + " AS t (tenant, subscription, code, period) ORDER BY subscription, code, period"
            + " ON CONFLICT (subscription, code, period) DO UPDATE SET period = excluded.period",
        taken.stream().map(Redemptions.Taken::tenant).toArray(String[]::new),
        taken.stream().map(Redemptions.Taken::subscription).toArray(String[]::new),
        taken.stream().map(Redemptions.Taken::code).toArray(String[]::new),
        taken.stream().map(Redemptions.Taken::period).toArray(Instant[]::new));
  }

  /** Forgets periods in which coupons took something off; a line's instant is the period's. */
  static void free(Transaction tx, List<Redemptions.Line> periods) {
    tx.execute(
        "DELETE FROM coupon_periods p USING unnest($1::text[], $2::text[], $3::timestamptz[])"
            + " AS f (subscription, code, period) WHERE p.subscription = f.subscription"
            + " AND p.code = f.code AND p.period = f.period",
        Unnest.texts(periods, Redemptions.Line::subscription),
        Unnest.texts(periods, Redemptions.Line::code),
        Unnest.instants(periods, Redemptions.Line::from));
  }

  private static Stored stored(Row row) {
    return new Stored(
        row.text("id"),
        row.text("tenant"),
        row.text("subscription"),
        row.text("catalog"),
        row.integer("version"),
        row.text("code"),
        row.instant("from_at"),
        row.findInstant("until_at"));
  }
}
