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

  /** Puts prepaid units of a meter into the tenant's wallet, times the quantity. */
  record Prepay(String meter, long units) implements Effect {}
}
