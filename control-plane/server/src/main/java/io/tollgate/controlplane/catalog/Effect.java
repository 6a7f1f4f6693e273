package io.tollgate.controlplane.catalog;

/** What one unit of an add-on gives besides its place on the invoice. */
public sealed interface Effect {
  /** Sets a feature, whatever the plan said; never takes away what the plan gives. */
  record Grant(String feature, FeatureValue value) implements Effect {}

  /** Adds units to a counted feature, times the add-on's quantity. */
  record AddToFeature(String feature, long units) implements Effect {}

  /** Adds units to a limit of the plan (its amount, and a rate's burst), times the quantity. */
  record AddToLimit(String limit, long units) implements Effect {}

  /** Multiplies a limit of the plan by a factor, once whatever the quantity. */
  record MultiplyLimit(String limit, int factor) implements Effect {}

  /**
   * Puts prepaid units of a meter into the tenant's wallet, times the quantity: once for a one-off
   * add-on, at each period's start for a recurring one.
   *
   * @param priority the lower is spent first, 0 to 1000
   * @param expiry when what is left of them is forfeited
   */
  record Prepay(String meter, long units, int priority, Expiry expiry) implements Effect {
    /** The priority of units that do not name one. */
    public static final int USUAL = 100;
  }

  /** When prepaid units are forfeited. */
  sealed interface Expiry {
    /** Never. */
    record Never() implements Expiry {}

    /** With the billing period in which they were bought. */
    record PeriodEnd() implements Expiry {}

    /** So many local days after they were bought, at the same time of day; 1 to 3660. */
    record After(int days) implements Expiry {}
  }
}
