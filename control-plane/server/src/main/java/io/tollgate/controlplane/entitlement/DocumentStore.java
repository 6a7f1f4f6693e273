package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
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
    long first = last - documents.size() + 1;
    tx.execute(
        "UPDATE entitlement_documents AS d SET version = n.version, document = n.document::json,"
            + " sequence = $1 + n.place - 1"
            + " FROM unnest($2::text[], $3::bigint[], $4::text[])"
            + " WITH ORDINALITY AS n (tenant, version, document, place)"
            + " WHERE d.tenant = n.tenant",
        first,
        documents.stream().map(Entitlements::tenant).toArray(String[]::new),
        documents.stream().map(Entitlements::version).toArray(Long[]::new),
        documents.stream().map(ContractJson::write).toArray(String[]::new));
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

  /** Tenants of a test clock whose documents say another time than where it stands. */
  List<String> behind(Transaction tx, String clock, Instant now, String after, int most) {
    return tx.list(
        "SELECT c.tenant FROM tenant_clocks c JOIN entitlement_documents d ON d.tenant = c.tenant"
            + " WHERE c.clock = $1 AND (d.document->>'frozenAt')::timestamptz IS DISTINCT FROM $2"
            + " AND d.document IS NOT NULL AND c.tenant > $3 ORDER BY c.tenant LIMIT $4",
        row -> row.text("tenant"),
        clock,
        now,
        after,
        most);
  }

  private static @Nullable Entitlements document(Row row) {
    String text = row.findText("document");
    return text == null ? null : ContractJson.stored(text, Entitlements.class);
  }
}
