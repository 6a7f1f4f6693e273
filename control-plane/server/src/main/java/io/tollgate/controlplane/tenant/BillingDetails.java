package io.tollgate.controlplane.tenant;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Who pays, as documents and taxes need it. An absent text is empty, never null.
 *
 * @param name the legal name
 * @param address lines, top to bottom
 * @param country ISO 3166-1 alpha-2 code, such as {@code IN}
 * @param region the state's code, such as {@code KA}; decides between CGST/SGST and IGST
 * @param city of the address, where a tax needs it
 * @param postalCode of the address, where a tax needs it: those of the United States do
 * @param gstin the Indian GST number
 * @param pan the Indian permanent account number
 * @param taxId another country's tax number, such as a VAT ID
 * @param taxExemption the certificate's number of a tenant that pays no tax
 * @param reverseCharge whether the tenant owes the tax itself
 * @param email where documents and reminders go
 * @param language of documents, with its number format
 */
public record BillingDetails(
    String name,
    List<String> address,
    String country,
    String region,
    String city,
    String postalCode,
    String gstin,
    String pan,
    String taxId,
    String taxExemption,
    boolean reverseCharge,
    String email,
    Locale language) {
  /** Copies the address. */
  public BillingDetails {
    Objects.requireNonNull(name, "name");
    address = List.copyOf(address);
    // Details stored before there were such fields.
    city = Objects.requireNonNullElse(city, "");
    postalCode = Objects.requireNonNullElse(postalCode, "");
  }

  /** Details of a tenant of whom only the name is known. */
  public static BillingDetails named(String name) {
    return new BillingDetails(
        name, List.of(), "", "", "", "", "", "", "", "", false, "", Locale.ENGLISH);
  }
}
