package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Seller;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which catalogs number their documents together. A seller's numbers are each given once (Section
 * 14 UStG, rule 46(b) CGST), whichever of its catalogs a document is of; so catalogs of one seller
 * keep one book. Who keeps a book with others keeps it for good: a name that is spelt another way
 * later begins no numbers anew. Pure.
 */
final class Books {
  private Books() {}

  /**
   * By catalog, the book it is to keep from now on.
   *
   * @param books as they were kept so far
   * @param newest the newest version of every catalog
   */
  static Map<String, String> joined(Map<String, String> books, List<CatalogVersion> newest) {
    Map<String, String> joined = new TreeMap<>(books);
    for (CatalogVersion each : newest) {
      Seller seller = each.catalog().seller();
      List<String> same =
          newest.stream()
              .filter(other -> seller.isSameAs(other.catalog().seller()))
              .map(other -> joined.get(other.name()))
              .filter(Objects::nonNull)
              .toList();
      String kept = joined.get(each.name());
      String own = kept != null ? kept : same.isEmpty() ? each.name() : same.getFirst();
      joined.put(each.name(), own);
      joined.replaceAll((catalog, book) -> same.contains(book) ? own : book);
    }
    return joined;
  }
}
