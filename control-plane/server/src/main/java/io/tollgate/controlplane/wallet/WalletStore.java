package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.wallet.Wallet.AutoTopUp;
import io.tollgate.controlplane.wallet.Wallet.Settings;
import io.tollgate.controlplane.web.PageRequest;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of wallets, their credits and their ledger. */
final class WalletStore {
  private static final String SELECT =
      "SELECT w.*, (SELECT coalesce(sum(c.remaining), 0) FROM wallet_credits c"
          + " WHERE c.wallet = w.id AND c.remaining > 0) AS balance FROM wallets w ";

  /** What references of units begin with that left with the fee of their add-on. */
  static final String LEFT = "unused:";

  private WalletStore() {}

  /** Units that usage has drawn since an instant, less what it gave back; null for since ever. */
  static BigDecimal drawnSince(Transaction tx, String wallet, @Nullable Instant since) {
    return tx.one(
        "SELECT coalesce(sum(CASE kind WHEN 'DRAW' THEN amount ELSE -amount END), 0) AS drawn"
            + " FROM wallet_transfers WHERE wallet = $1 AND kind IN ('DRAW', 'RETURN')"
            + " AND at >= $2",
        row -> row.decimal("drawn"),
        wallet,
        since == null ? Instant.EPOCH : since);
  }

  /** Makes the tenant's wallet of the asset where it has none. */
  static void ensure(Transaction tx, String id, String tenant, Asset asset) {
    Missing.added(tx, "wallets");
    tx.execute(
        "INSERT INTO wallets (id, tenant, asset) VALUES ($1, $2, $3)"
            + " ON CONFLICT (tenant, asset) DO NOTHING",
        id,
        tenant,
        asset.key());
  }

  static Optional<Wallet> find(Transaction tx, String id) {
    return tx.first(SELECT + "WHERE w.id = $1", WalletStore::wallet, id);
  }

  private static final String OF_TENANTS =
      SELECT + "WHERE w.tenant = ANY($1) ORDER BY w.tenant, w.asset";

  /** Asks ahead what {@link #of} does of one tenant. */
  static void foresee(Transaction tx, String tenant) {
    tx.foresee(OF_TENANTS, (Object) new String[] {tenant});
  }

  static List<Wallet> of(Transaction tx, Collection<String> tenants) {
    return Missing.among(
        tx,
        "wallets",
        tenants,
        Wallet::tenant,
        asked -> tx.list(OF_TENANTS, WalletStore::wallet, (Object) asked));
  }

  static List<Wallet> page(Transaction tx, @Nullable String tenant, PageRequest page) {
    return tx.list(
        SELECT
            + "WHERE ($1::text IS NULL OR w.tenant = $1) AND ($2::text IS NULL OR w.id > $2)"
            + " ORDER BY w.id LIMIT $3",
        WalletStore::wallet,
        tenant,
        page.after(),
        page.fetch());
  }

  /**
   * Locks tenants' wallets, and only then reads them: what others did to them meanwhile is seen.
   *
   * @param assets keys of assets; null for the units of every meter
   */
  static List<Wallet> lock(
      Transaction tx, Collection<String> tenants, @Nullable Collection<String> assets) {
    List<String> owners = Missing.perhaps(tx, "wallets", tenants);
    if (owners.isEmpty()) {
      return List.of();
    }
    List<String> ids =
        tx.list(
            "SELECT id FROM wallets WHERE tenant = ANY($1) AND CASE WHEN $2::text[] IS NULL"
                + " THEN asset LIKE 'meter:%' ELSE asset = ANY($2) END ORDER BY id FOR UPDATE",
            row -> row.text("id"),
            owners.toArray(String[]::new),
            assets == null ? null : assets.toArray(String[]::new));
    return ids.isEmpty()
        ? List.of()
        : tx.list(
            SELECT + "WHERE w.id = ANY($1) ORDER BY w.id",
            WalletStore::wallet,
            (Object) ids.toArray(String[]::new));
  }

  static Optional<Wallet> lock(Transaction tx, String id) {
    return tx.first("SELECT id FROM wallets WHERE id = $1 FOR UPDATE", row -> row.text("id"), id)
        .flatMap(locked -> find(tx, locked));
  }

  static void configure(Transaction tx, String id, Settings settings) {
    AutoTopUp topUp = settings.topUp();
    tx.execute(
        "UPDATE wallets SET alert_below = $2, top_up_below = $3, top_up_amount = $4,"
            + " top_up_add_on = $5, version = version + 1 WHERE id = $1",
        id,
        settings.alertBelow(),
        topUp == null ? null : topUp.below(),
        topUp == null ? null : topUp.amount(),
        topUp == null ? null : topUp.addOn());
  }

  /** Whether it is below its threshold, without an alert. */
  static void mark(Transaction tx, String id, boolean low) {
    tx.execute("UPDATE wallets SET alerted = $2 WHERE id = $1", id, low);
  }

  static void alerted(Transaction tx, String id, boolean alerted) {
    tx.execute(
        "UPDATE wallets SET alerted = $2, alerts = alerts + CASE WHEN $2 THEN 1 ELSE 0 END"
            + " WHERE id = $1",
        id,
        alerted);
  }

  /** What was drawn and is not billed yet; a new round begins where it was billed. */
  static void drawn(Transaction tx, String id, BigDecimal drawn, long round) {
    tx.execute("UPDATE wallets SET drawn = $2, round = $3 WHERE id = $1", id, drawn, round);
  }

  static void insert(Transaction tx, Wallet wallet, String id, Deposit deposit, Instant at) {
    tx.execute(
        "INSERT INTO wallet_credits (id, tenant, wallet, amount, priority, expires_at, source,"
            + " origin, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id,
        wallet.tenant(),
        wallet.id(),
        deposit.amount(),
        deposit.priority(),
        deposit.expiresAt(),
        deposit.source(),
        deposit.origin(),
        at);
  }

  /** What was put in so far. */
  static BigDecimal deposited(Transaction tx, String wallet) {
    return tx.one(
        "SELECT coalesce(sum(amount), 0) AS amount FROM wallet_credits WHERE wallet = $1",
        row -> row.decimal("amount"),
        wallet);
  }

  /** What origins that begin so have put in so far, without what left with its fee. */
  static BigDecimal deposited(Transaction tx, String wallet, String origins) {
    return tx.one(
        "SELECT coalesce(sum(amount), 0) AS amount FROM wallet_credits c"
            + " WHERE wallet = $1 AND starts_with(origin, $2) AND NOT EXISTS (SELECT 1 FROM"
            + " wallet_transfers t WHERE t.wallet = c.wallet AND t.credit = c.id"
            + " AND t.kind = 'TAKE_BACK' AND starts_with(t.reference, $3))",
        row -> row.decimal("amount"),
        wallet,
        origins,
        LEFT);
  }

  /** The credits of a tenant whose origins begin so, oldest first. */
  static List<String> sold(
      Transaction tx, String tenant, String origin, @Nullable Instant createdAt) {
    return tx.list(
        "SELECT c.id FROM wallets w JOIN wallet_credits c ON c.wallet = w.id WHERE w.tenant = $1"
            + " AND starts_with(c.origin, $2) AND ($3::timestamptz IS NULL OR c.created_at = $3)"
            + " ORDER BY c.id",
        row -> row.text("id"),
        tenant,
        origin,
        createdAt);
  }

  /** What one origin sold of the units of one wallet. */
  record Sold(String origin, String wallet, Wallets.Unused units) {}

  /**
   * Of units that origins have put in for a tenant, those that usage has not drawn; those that left
   * with their fee were not used, either.
   */
  static List<Sold> unused(Transaction tx, String tenant, Collection<String> origins) {
    return tx.list(
        "SELECT c.origin, c.wallet, sum(c.amount - t.back) AS all_units, sum(c.amount - t.back -"
            + " t.used) AS unused FROM wallets w JOIN wallet_credits c ON c.wallet = w.id CROSS"
            + " JOIN LATERAL (SELECT coalesce(sum(CASE kind WHEN 'DRAW' THEN amount WHEN 'RETURN'"
            + " THEN -amount END), 0) AS used, coalesce(sum(amount) FILTER (WHERE kind ="
            + " 'TAKE_BACK' AND NOT starts_with(reference, $3)), 0) AS back FROM wallet_transfers"
            + " WHERE wallet = c.wallet AND credit = c.id) AS t WHERE w.tenant = $1 AND c.origin ="
            + " ANY($2) GROUP BY c.origin, c.wallet",
        row ->
            new Sold(
                row.text("origin"),
                row.text("wallet"),
                new Wallets.Unused(
                    row.decimal("unused").max(BigDecimal.ZERO), row.decimal("all_units"))),
        tenant,
        origins.toArray(String[]::new),
        LEFT);
  }

  /**
   * What has left a credit otherwise than by use.
   *
   * @param unused what expired, or left with the fee it was bought with
   * @param takenBack with documents that credited what was paid for it
   */
  record Gone(BigDecimal unused, BigDecimal takenBack) {}

  static Gone gone(Transaction tx, Credit credit) {
    return tx.one(
        "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'FORFEIT' OR starts_with(reference, $3)),"
            + " 0) AS unused, coalesce(sum(amount) FILTER (WHERE kind = 'TAKE_BACK' AND NOT"
            + " starts_with(reference, $3)), 0) AS taken_back FROM wallet_transfers"
            + " WHERE wallet = $1 AND credit = $2 AND kind IN ('FORFEIT', 'TAKE_BACK')",
        row -> new Gone(row.decimal("unused"), row.decimal("taken_back")),
        credit.wallet(),
        credit.id(),
        LEFT);
  }

  /** Credits with something left that can be spent, the next one first. */
  static List<Credit> spendable(Transaction tx, Collection<String> wallets, Instant notBefore) {
    return tx.list(
        "SELECT * FROM wallet_credits WHERE wallet = ANY($1) AND remaining > 0"
            + " AND (expires_at IS NULL OR expires_at >= $2)"
            + " ORDER BY priority, expires_at NULLS LAST, id",
        WalletStore::credit,
        wallets.toArray(String[]::new),
        notBefore);
  }

  static Optional<Credit> credit(Transaction tx, String id) {
    return tx.first("SELECT * FROM wallet_credits WHERE id = $1", WalletStore::credit, id);
  }

  static List<Credit> credits(Transaction tx, String wallet) {
    return tx.list(
        "SELECT * FROM wallet_credits WHERE wallet = $1 ORDER BY id", WalletStore::credit, wallet);
  }

  static List<Credit> credits(Transaction tx, String wallet, PageRequest page) {
    return tx.list(
        "SELECT * FROM wallet_credits WHERE wallet = $1 AND ($2::text IS NULL OR id > $2)"
            + " ORDER BY id LIMIT $3",
        WalletStore::credit,
        wallet,
        page.after(),
        page.fetch());
  }

  static void book(Transaction tx, Wallet wallet, List<Transfer> transfers) {
    tx.executeBatch(
        "INSERT INTO wallet_transfers (id, tenant, wallet, credit, kind, debited, credited, amount,"
            + " reference, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        transfers.stream()
            .map(
                transfer ->
                    new @Nullable Object[] {
                      transfer.id(),
                      wallet.tenant(),
                      wallet.id(),
                      transfer.credit(),
                      transfer.kind(),
                      transfer.kind().from(),
                      transfer.kind().to(),
                      transfer.amount(),
                      transfer.reference(),
                      transfer.at()
                    })
            .toList());
  }

  /** What left a wallet's credits under a reference and did not come back, the last first. */
  static List<Moved> moved(Transaction tx, String reference) {
    return tx.list(
        "SELECT wallet, credit, sum(CASE WHEN debited = 'credits' THEN amount ELSE -amount END)"
            + " AS amount, max(id) AS last FROM wallet_transfers WHERE reference = $1"
            + " GROUP BY wallet, credit ORDER BY last DESC",
        row -> new Moved(row.text("wallet"), row.text("credit"), row.decimal("amount")),
        reference);
  }

  /** An amount that left a credit. */
  record Moved(String wallet, String credit, BigDecimal amount) {}

  static List<Transfer> ledger(Transaction tx, String wallet, PageRequest page) {
    return tx.list(
        "SELECT * FROM wallet_transfers WHERE wallet = $1 AND ($2::text IS NULL OR id > $2)"
            + " ORDER BY id LIMIT $3",
        WalletStore::transfer,
        wallet,
        page.after(),
        page.fetch());
  }

  static List<Transfer> ledger(Transaction tx, String wallet) {
    return tx.list(
        "SELECT * FROM wallet_transfers WHERE wallet = $1 ORDER BY id",
        WalletStore::transfer,
        wallet);
  }

  private static Transfer transfer(Row row) {
    return new Transfer(
        row.text("id"),
        row.text("credit"),
        Transfer.Kind.valueOf(row.text("kind")),
        row.decimal("amount"),
        row.text("reference"),
        row.instant("at"));
  }

  private static Wallet wallet(Row row) {
    BigDecimal below = row.findDecimal("top_up_below");
    BigDecimal amount = row.findDecimal("top_up_amount");
    AutoTopUp topUp =
        below == null || amount == null
            ? null
            : new AutoTopUp(below, amount, row.findText("top_up_add_on"));
    return new Wallet(
        row.text("id"),
        row.text("tenant"),
        Asset.of(row.text("asset")),
        row.decimal("balance"),
        row.decimal("drawn"),
        row.whole("round"),
        new Settings(row.findDecimal("alert_below"), topUp),
        row.whole("alerts"),
        row.bool("alerted"),
        row.whole("version"));
  }

  private static Credit credit(Row row) {
    return new Credit(
        row.text("id"),
        row.text("wallet"),
        row.decimal("amount"),
        row.decimal("remaining"),
        row.integer("priority"),
        row.findInstant("expires_at"),
        Credit.Source.valueOf(row.text("source")),
        row.text("origin"),
        row.instant("created_at"));
  }
}
