package io.tollgate.controlplane.invoice;

import java.util.List;
import java.util.Objects;

/**
 * Who sells or who buys, as printed on the document and frozen with it.
 *
 * @param name legal name
 * @param address lines, top to bottom
 * @param identifiers registrations in print order, such as GSTIN and PAN
 */
public record Party(String name, List<String> address, List<Identifier> identifiers) {
  public Party {
    Objects.requireNonNull(name, "name");
    address = List.copyOf(address);
    identifiers = List.copyOf(identifiers);
  }

  /**
   * A registration number and what it is called.
   *
   * @param name "GSTIN", "PAN", "VAT ID"
   * @param value the number
   */
  public record Identifier(String name, String value) {}
}
