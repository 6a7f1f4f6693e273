package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One-off charges that wait for an invoice: all their SQL. */
final class OneOffStore {
  private OneOffStore() {}

  /** Keeps a charge that waits; false, and nothing has changed, if its id is there already. */
  static boolean insert(Transaction tx, OneOff charge) {
    Missing.added(tx, "invoice_one_offs");
    return tx.execute(
            "INSERT INTO invoice_one_offs (id, tenant, subscription, item, description, quantity,"
                + " unit_price, tax_category, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                + " ON CONFLICT (id) DO NOTHING",
            charge.id(),
            charge.tenant(),
            charge.subscription(),
            charge.item(),
            charge.description(),
            charge.quantity(),
            charge.unitPrice(),
            charge.taxCategory(),
            charge.at())
        > 0;
  }

  private static final String WAITING =
      "SELECT * FROM invoice_one_offs WHERE subscription = ANY($1::text[])"
          + " AND invoice IS NULL ORDER BY id";

  /** Asks ahead what {@link #waiting} does of one subscription. */
  static void foresee(Transaction tx, String subscription) {
    tx.foresee(WAITING, (Object) new String[] {subscription});
  }

  /** What waits, by subscription. */
  static Map<String, List<OneOff>> waiting(Transaction tx, Collection<String> subscriptions) {
    return tx
        .list(WAITING, OneOffStore::charge, (Object) subscriptions.toArray(String[]::new))
        .stream()
        .collect(Collectors.groupingBy(OneOff::subscription));
  }

  /** What waits, by subscription, locked so that no other invoice takes it. */
  static Map<String, List<OneOff>> lockWaiting(Transaction tx, Collection<String> subscriptions) {
    return Missing.among(
            tx,
            "invoice_one_offs",
            subscriptions,
            OneOff::subscription,
            asked -> tx.list(WAITING + " FOR UPDATE", OneOffStore::charge, (Object) asked))
        .stream()
        .collect(Collectors.groupingBy(OneOff::subscription));
  }

  /** What invoices took, by invoice. */
  static Map<String, List<OneOff>> taken(Transaction tx, Collection<String> invoices) {
    Map<String, List<OneOff>> taken = new HashMap<>();
    tx.list(
        "SELECT * FROM invoice_one_offs WHERE invoice = ANY ($1::text[]) ORDER BY id",
        row ->
            taken
                .computeIfAbsent(row.text("invoice"), invoice -> new ArrayList<>())
                .add(charge(row)),
        (Object) invoices.toArray(String[]::new));
    return taken;
  }

  /** Says which invoice took the charges; both lists in the same order. */
  static void assign(Transaction tx, List<String> charges, List<String> invoices) {
    if (!charges.isEmpty()) {
      tx.execute(
          "UPDATE invoice_one_offs AS o SET invoice = a.invoice"
              + " FROM unnest($1::text[], $2::text[]) AS a (id, invoice) WHERE o.id = a.id",
          charges.toArray(String[]::new),
          invoices.toArray(String[]::new));
    }
  }

  private static OneOff charge(Row row) {
    return new OneOff(
        row.text("id"),
        row.text("tenant"),
        row.text("subscription"),
        row.text("item"),
        row.text("description"),
        row.decimal("quantity"),
        row.decimal("unit_price"),
        row.text("tax_category"),
        row.instant("at"));
  }
}
