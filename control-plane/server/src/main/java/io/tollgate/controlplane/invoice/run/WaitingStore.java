package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.subscription.Subscription;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** Documents whose lines wait for another one: all their SQL. */
final class WaitingStore {
  private static final String LOOK =
      "SELECT id, subscriptions, issued_at FROM invoices WHERE waits_for = 'NEXT'"
          + " AND tenant = ANY ($1::text[]) AND subscriptions && $2::text[] ORDER BY issued_at, id";

  private WaitingStore() {}

  /**
   * A document that waits.
   *
   * @param subscriptions whose lines it has
   * @param at when they were made
   */
  record One(String id, List<String> subscriptions, Instant at) {}

  /** Asks ahead what {@link #next} does of one subscription. */
  static void foresee(Transaction tx, Subscription of) {
    tx.foresee(LOOK, new String[] {of.tenant()}, new String[] {of.id()});
  }

  /** What waits for the next documents of subscriptions, oldest first. */
  static List<One> next(
      Transaction tx, Collection<String> tenants, Collection<String> subscriptions, boolean lock) {
    return lock
        ? Missing.amongAll(
            tx,
            "invoices.waits_for",
            subscriptions,
            One::subscriptions,
            asked -> next(tx, tenants, LOOK + " FOR UPDATE", asked))
        : next(tx, tenants, LOOK, subscriptions.toArray(String[]::new));
  }

  private static List<One> next(
      Transaction tx, Collection<String> tenants, String look, String[] subscriptions) {
    return tx.list(
        look,
        row -> new One(row.text("id"), row.texts("subscriptions"), row.instant("issued_at")),
        tenants.toArray(String[]::new),
        subscriptions);
  }

  /** What waits for the end of a tenant's day, oldest first, locked. */
  static List<String> ofDay(Transaction tx, String tenant, Instant end) {
    return tx.list(
        "SELECT id FROM invoices WHERE waits_for = 'DAY' AND tenant = $1 AND issued_at < $2"
            + " ORDER BY issued_at, id FOR UPDATE",
        row -> row.text("id"),
        tenant,
        end);
  }

  /** Those of documents that wait, whatever for, oldest first, locked. */
  static List<String> among(Transaction tx, Collection<String> ids) {
    return tx.list(
        "SELECT id FROM invoices WHERE waits_for IS NOT NULL AND id = ANY ($1::text[])"
            + " ORDER BY issued_at, id FOR UPDATE",
        row -> row.text("id"),
        (Object) ids.toArray(String[]::new));
  }

  /** What a document waits for; it waits. */
  static Draft.Waits of(Transaction tx, String id) {
    return tx.one(
        "SELECT waits_for FROM invoices WHERE id = $1",
        row -> Draft.Waits.valueOf(row.text("waits_for")),
        id);
  }
}
