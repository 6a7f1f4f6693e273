package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.util.Collection;
import java.util.List;

/** The records of deliveries: all their SQL. */
final class DeliveryStore {
  private DeliveryStore() {}

  static void insert(Transaction tx, Delivery delivery) {
    tx.execute(
        "INSERT INTO invoice_deliveries (id, tenant, invoice, channel, recipient, outcome, detail,"
            + " at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        delivery.id(),
        delivery.tenant(),
        delivery.invoice(),
        delivery.channel(),
        delivery.recipient(),
        delivery.outcome(),
        delivery.detail(),
        delivery.at());
  }

  /** Those of invoices, oldest first. */
  static List<Delivery> of(Transaction tx, Collection<String> invoices) {
    return tx.list(
        "SELECT * FROM invoice_deliveries WHERE invoice = ANY ($1) ORDER BY id",
        DeliveryStore::delivery,
        (Object) invoices.toArray(String[]::new));
  }

  private static Delivery delivery(Row row) {
    return new Delivery(
        row.text("id"),
        row.text("tenant"),
        row.text("invoice"),
        row.text("channel"),
        row.text("recipient"),
        Delivery.Outcome.valueOf(row.text("outcome")),
        row.text("detail"),
        row.instant("at"));
  }
}
