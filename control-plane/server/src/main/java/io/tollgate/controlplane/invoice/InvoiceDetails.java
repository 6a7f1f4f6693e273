package io.tollgate.controlplane.invoice;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/**
 * A whole invoice: what is printed and what is audited.
 *
 * @param invoice the head
 * @param lines in print order; their amounts and taxes sum to the head's totals
 * @param seller who asks
 * @param billedTo who owes
 * @param print how it is printed
 */
public record InvoiceDetails(
    Invoice invoice, List<InvoiceLine> lines, Party seller, Party billedTo, Print print) {
  public InvoiceDetails {
    lines = List.copyOf(lines);
  }

  /** The same under another head. */
  InvoiceDetails with(Invoice other) {
    return new InvoiceDetails(other, lines, seller, billedTo, print);
  }

  /**
   * The tenant's ways of reading, frozen with the invoice.
   *
   * @param locale language and number format
   * @param zone the billing zone, in which dates are written
   * @param serviceCode the services accounting code (SAC) of what is sold; empty where none is
   *     printed
   * @param notes printed below the total, such as the reverse charge sentence
   * @param inclusive whether the prices the lines speak of contain the tax; amounts never do
   */
  public record Print(
      Locale locale, ZoneId zone, String serviceCode, List<String> notes, boolean inclusive) {
    public Print {
      notes = List.copyOf(notes);
    }
  }
}
