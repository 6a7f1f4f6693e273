package io.tollgate.controlplane.tax;

import io.tollgate.controlplane.tenant.BillingDetails;
import java.util.Objects;

/**
 * Who buys, as the tax office sees it.
 *
 * @param country ISO 3166-1 alpha-2; empty where unknown, and then nothing is taxed
 * @param region ISO 3166-2 subdivision without the country; empty where unknown
 * @param taxNumber the buyer's number, such as a GSTIN or VAT id; empty for none
 * @param exemption the certificate's number; empty for a buyer who is not exempt
 * @param reverseCharge whether the buyer owes the tax instead of the seller
 * @param place where in the region, as far as it is known
 */
public record TaxProfile(
    String country,
    String region,
    String taxNumber,
    String exemption,
    boolean reverseCharge,
    Place place) {
  /**
   * A place more exact than a region, which some taxes need: those of the United States go by the
   * postal code. What is unknown is empty.
   *
   * @param line street and number
   */
  public record Place(String line, String city, String postalCode) {
    /** Nothing more than the region is known. */
    public static final Place UNKNOWN = new Place("", "", "");
  }

  /** A buyer of whom no more than the region is known. */
  public TaxProfile(
      String country, String region, String taxNumber, String exemption, boolean reverseCharge) {
    this(country, region, taxNumber, exemption, reverseCharge, Place.UNKNOWN);
  }

  public TaxProfile {
    Objects.requireNonNull(country, "country");
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(taxNumber, "taxNumber");
    Objects.requireNonNull(exemption, "exemption");
  }

  /** The profile of a tenant's billing details. */
  public static TaxProfile of(BillingDetails details) {
    return new TaxProfile(
        details.country(),
        details.region(),
        details.gstin().isEmpty() ? details.taxId() : details.gstin(),
        details.taxExemption(),
        details.reverseCharge(),
        new Place(
            details.address().isEmpty() ? "" : details.address().getFirst(),
            details.city(),
            details.postalCode()));
  }
}
