package io.tollgate.controlplane.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who sells: what an invoice must say about its issuer.
 *
 * @param name legal name; may be empty, never null
 * @param address lines of the postal address
 * @param country ISO 3166-1 alpha-2; empty where unknown
 * @param region ISO 3166-2 subdivision without the country; empty where unknown
 * @param numberPrefix what its documents' numbers begin with, such as {@code AC} for {@code
 *     AC-INV-2026-0001}; empty for none
 * @param identifiers such as GSTIN and PAN, in the order of the file's keys
 */
public record Seller(
    String name,
    List<String> address,
    String country,
    String region,
    String numberPrefix,
    Map<String, String> identifiers) {
  public Seller {
    address = List.copyOf(address);
    identifiers = Collections.unmodifiableMap(new LinkedHashMap<>(identifiers));
  }

  /**
   * Whether both are one: the same legal name and country, and no identifier of one says otherwise.
   * Who has no name is nobody else.
   */
  public boolean isSameAs(Seller other) {
    return !name.isBlank()
        && name.strip().equalsIgnoreCase(other.name.strip())
        && country.equals(other.country)
        && identifiers.entrySet().stream()
            .allMatch(
                each ->
                    other
                        .identifiers
                        .getOrDefault(each.getKey(), each.getValue())
                        .equals(each.getValue()));
  }
}
