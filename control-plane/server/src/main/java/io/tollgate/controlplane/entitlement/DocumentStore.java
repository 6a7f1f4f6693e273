package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.controlplane.database.Json;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The SQL of entitlement documents and their stream. */
final class DocumentStore {
  /** The channel on which each write is announced; the payload is the greatest sequence. */
  static final String CHANNEL = "tollgate_entitlements";

  /** A tenant's stored document; the document is null before the first derivation. */
  record Stored(long version, @Nullable Entitlements document) {}

  /**
   * Locks the tenants' documents until the transaction's end, in one order for everybody, and reads
   * them. Whoever derives must lock first and read the sources afterwards: otherwise a slower
   * replica could overwrite a newer state with an older one.
   *
   * @param tenants ids, sorted
   */
  Map<String, Stored> lock(Transaction tx, List<String> tenants) {
    String[] ids = tenants.toArray(String[]::new);
    tx.execute(
        "INSERT INTO entitlement_documents (tenant, version)"
            + " SELECT tenant, 0 FROM unnest($1::text[]) AS tenant ORDER BY tenant"
            + " ON CONFLICT (tenant) DO NOTHING",
        (Object) ids);
    Map<String, Stored> stored = new LinkedHashMap<>();
    tx.list(
            "SELECT tenant, version, document::text AS document FROM entitlement_documents"
                + " WHERE tenant = ANY ($1::text[]) ORDER BY tenant FOR UPDATE",
            row -> Map.entry(row.text("tenant"), new Stored(row.whole("version"), document(row))),
            (Object) ids)
        .forEach(entry -> stored.put(entry.getKey(), entry.getValue()));
    return stored;
  }

  /** Stores the documents under the next sequences and announces them at commit. */
  void write(Transaction tx, List<Entitlements> documents) {
    if (documents.isEmpty()) {
      return;
    }
    long last =
        tx.one(
            "UPDATE entitlement_position SET last = last + $1 RETURNING last",
            row -> row.whole("last"),
            (long) documents.size());
    long sequence = last - documents.size();
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Entitlements document : documents) {
      sequence++;
      rows.add(
          new @Nullable Object[] {
            document.tenant(), document.version(), sequence, new Json(ContractJson.write(document))
          });
    }
    tx.executeBatch(
        "UPDATE entitlement_documents SET version = $2, sequence = $3, document = $4"
            + " WHERE tenant = $1",
        rows);
    tx.execute("SELECT pg_notify($1, $2)", CHANNEL, Long.toString(last));
  }

  Optional<Entitlements> find(Transaction tx, String tenant) {
    return tx.first(
        "SELECT document::text AS document FROM entitlement_documents"
            + " WHERE tenant = $1 AND document IS NOT NULL",
        row -> ContractJson.stored(row.text("document"), Entitlements.class),
        tenant);
  }

  /** The greatest sequence that is visible. */
  long position(Transaction tx) {
    return tx.one("SELECT last FROM entitlement_position", row -> row.whole("last"));
  }

  /** The newest document of each tenant that changed after the sequence, in the order of change. */
  List<EntitlementsChange> after(Transaction tx, long sequence, int most) {
    return tx.list(
        "SELECT sequence, document::text AS document FROM entitlement_documents"
            + " WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        row ->
            new EntitlementsChange(
                EntitlementsChange.FORMAT,
                row.whole("sequence"),
                ContractJson.stored(row.text("document"), Entitlements.class)),
        sequence,
        most);
  }

  /** Where the documents of tenants on test clocks say that time stands. */
  Map<String, Instant> frozen(Transaction tx) {
    Map<String, Instant> frozen = new LinkedHashMap<>();
    tx.list(
            "SELECT tenant, document->>'frozenAt' AS at FROM entitlement_documents"
                + " WHERE document->>'frozenAt' IS NOT NULL ORDER BY tenant",
            row -> Map.entry(row.text("tenant"), Instant.parse(row.text("at"))))
        .forEach(entry -> frozen.put(entry.getKey(), entry.getValue()));
    return frozen;
  }

  private static @Nullable Entitlements document(Row row) {
    String text = row.findText("document");
    return text == null ? null : ContractJson.stored(text, Entitlements.class);
  }
}
