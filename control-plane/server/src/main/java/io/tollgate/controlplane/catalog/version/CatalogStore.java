package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.database.Alone;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The table of catalog versions. */
final class CatalogStore {
  private CatalogStore() {}

  /**
   * A version as it is stored.
   *
   * @param source the YAML text as it was applied
   * @param appliedBy the caller's principal id
   */
  record Stored(String name, int version, String source, Instant appliedAt, String appliedBy) {}

  /** Nobody else applies this catalog until the transaction's end. */
  static void lock(Transaction tx, String name) {
    tx.send("SELECT pg_advisory_xact_lock(hashtextextended('catalog ' || $1, 0))", name);
    Alone.waited(tx);
  }

  /** By catalog, whose book it keeps; those that never joined one are missing. */
  static Map<String, String> books(Transaction tx) {
    Map<String, String> books = new TreeMap<>();
    tx.list(
        "SELECT catalog, book FROM catalog_books",
        row -> books.put(row.text("catalog"), row.text("book")));
    return books;
  }

  /**
   * Waits for the documents that have their numbers and are not committed yet, and lets others wait
   * for theirs until the transaction's end: the common series goes on after the greatest number,
   * and one that is not seen would be given twice. Who takes a number writes in the series.
   */
  static void holdNumbers(Transaction tx) {
    // Not the books themselves: a backup reads them, and all numbers would wait behind its end.
    tx.send("LOCK TABLE invoice_series IN SHARE ROW EXCLUSIVE MODE");
  }

  static void keep(Transaction tx, String catalog, String book) {
    tx.execute(
        "INSERT INTO catalog_books (catalog, book) VALUES ($1, $2)"
            + " ON CONFLICT (catalog) DO UPDATE SET book = excluded.book",
        catalog,
        book);
  }

  static void insert(Transaction tx, Stored stored) {
    tx.send(
        "INSERT INTO catalogs (name, version, source, applied_at, applied_by)"
            + " VALUES ($1, $2, $3, $4, $5)",
        stored.name(),
        stored.version(),
        stored.source(),
        stored.appliedAt(),
        stored.appliedBy());
    tx.forget("catalogs");
  }

  private static final String NEWEST =
      "SELECT max(version) AS version FROM catalogs WHERE name = $1";

  /** Asks ahead what {@link #newest(Transaction, String)} does. */
  static void foreseeNewest(Transaction tx, String name) {
    tx.foresee(NEWEST, name);
  }

  static Optional<Integer> newest(Transaction tx, String name) {
    return tx.listOnce(NEWEST, row -> Optional.ofNullable(row.findWhole("version")), name)
        .getFirst()
        .map(Math::toIntExact);
  }

  static Optional<Stored> find(Transaction tx, String name, int version) {
    return tx.first(
        "SELECT * FROM catalogs WHERE name = $1 AND version = $2",
        CatalogStore::stored,
        name,
        version);
  }

  /** Name and newest version of every catalog. */
  static List<Newest> newest(Transaction tx) {
    return tx.listOnce(
        "SELECT name, max(version) AS version FROM catalogs GROUP BY name ORDER BY name",
        row -> new Newest(row.text("name"), row.integer("version")));
  }

  record Newest(String name, int version) {}

  /** Every version, by name and rising version. */
  static List<Stored> page(Transaction tx, @Nullable String name, PageRequest page) {
    return tx.list(
        "SELECT * FROM catalogs WHERE ($1::text IS NULL OR name = $1)"
            + " AND ($2::text IS NULL OR name || '@' || lpad(version::text, 9, '0') > $2)"
            + " ORDER BY name || '@' || lpad(version::text, 9, '0') LIMIT $3",
        CatalogStore::stored,
        name,
        page.after(),
        page.fetch());
  }

  private static Stored stored(Row row) {
    return new Stored(
        row.text("name"),
        row.integer("version"),
        row.text("source"),
        row.instant("applied_at"),
        row.text("applied_by"));
  }
}
