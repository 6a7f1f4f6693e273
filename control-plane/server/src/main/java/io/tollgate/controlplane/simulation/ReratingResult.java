package io.tollgate.controlplane.simulation;

import java.time.LocalDate;
import java.util.List;
import org.joda.money.Money;

/**
 * What invoices would have been under a draft catalog.
 *
 * @param invoices how many were re-rated
 * @param tenants whose they are
 * @param currencies by currency, in its code's order
 * @param unbillable what the draft cannot bill, most frequent first; not in the sums
 */
public record ReratingResult(
    long invoices, long tenants, List<OfCurrency> currencies, List<Unbillable> unbillable) {
  /**
   * The sums of one currency.
   *
   * @param invoices how many are in it
   * @param before what they came to
   * @param after what they would have come to
   * @param difference what the draft would have brought more, or less
   * @param dearer tenants that would have paid more
   * @param cheaper tenants that would have paid less
   * @param same tenants for whom nothing would have changed
   * @param mostChanged the ten tenants whose sums change most, greatest change first
   */
  public record OfCurrency(
      String currency,
      long invoices,
      Money before,
      Money after,
      Money difference,
      long dearer,
      long cheaper,
      long same,
      List<OfTenant> mostChanged) {}

  /** One tenant's invoices, newest first. */
  public record OfTenant(
      String tenant, Money before, Money after, Money difference, List<OfInvoice> invoices) {}

  /** One invoice, as it was issued and as it would have been. */
  public record OfInvoice(
      String id, String number, LocalDate issuedOn, Money before, Money after) {}

  /**
   * What the draft lacks.
   *
   * @param problem such as {@code plan 'pro' is not in the catalog}
   * @param invoices how many invoices cannot be billed for it
   * @param example one of them
   */
  public record Unbillable(String problem, long invoices, String example) {}
}
