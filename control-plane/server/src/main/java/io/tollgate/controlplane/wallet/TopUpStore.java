package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The table of top-ups. */
final class TopUpStore {
  private static final String SELECT =
      "SELECT t.*, w.asset FROM wallet_top_ups t JOIN wallets w ON w.id = t.wallet ";

  private TopUpStore() {}

  static void insert(Transaction tx, TopUp topUp) {
    tx.execute(
        "INSERT INTO wallet_top_ups (id, tenant, wallet, amount, priority, expires_at, state, at)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        topUp.id(),
        topUp.tenant(),
        topUp.wallet(),
        topUp.amount(),
        topUp.priority(),
        topUp.expiresAt(),
        topUp.state(),
        topUp.at());
  }

  static void invoiced(Transaction tx, String id, String invoice) {
    tx.execute("UPDATE wallet_top_ups SET invoice = $2 WHERE id = $1", id, invoice);
  }

  /** The pending top-ups among these invoices', locked. */
  static List<TopUp> pending(Transaction tx, Collection<String> invoices) {
    return tx.list(
        SELECT + "WHERE t.invoice = ANY($1) AND t.state = 'PENDING' ORDER BY t.id FOR UPDATE OF t",
        TopUpStore::topUp,
        (Object) invoices.toArray(String[]::new));
  }

  /** The top-up of an invoice, locked; empty where it is none's. */
  static Optional<TopUp> of(Transaction tx, String invoice) {
    return tx.first(SELECT + "WHERE t.invoice = $1 FOR UPDATE OF t", TopUpStore::topUp, invoice);
  }

  /** So much less is to be put in. */
  static void lower(Transaction tx, String id, BigDecimal by) {
    tx.execute("UPDATE wallet_top_ups SET amount = amount - $2 WHERE id = $1", id, by);
  }

  /** Whether a top-up of the wallet waits for its payment. */
  static boolean isPending(Transaction tx, String wallet) {
    return tx.first(
            "SELECT id FROM wallet_top_ups WHERE wallet = $1 AND state = 'PENDING' LIMIT 1",
            row -> row.text("id"),
            wallet)
        .isPresent();
  }

  static Optional<TopUp> find(Transaction tx, String id) {
    return tx.first(SELECT + "WHERE t.id = $1", TopUpStore::topUp, id);
  }

  static void turn(Transaction tx, String id, TopUp.State state) {
    tx.execute("UPDATE wallet_top_ups SET state = $2 WHERE id = $1", id, state);
  }

  private static TopUp topUp(Row row) {
    return new TopUp(
        row.text("id"),
        row.text("tenant"),
        row.text("wallet"),
        ((Asset.Currency) Asset.of(row.text("asset"))).unit(),
        row.decimal("amount"),
        row.integer("priority"),
        row.findInstant("expires_at"),
        row.findText("invoice"),
        TopUp.State.valueOf(row.text("state")),
        row.instant("at"));
  }
}
