package io.tollgate.controlplane.invoice;

/** What a line is for. Each names the thing charged, by its id in the catalog or in billing. */
public sealed interface Charge {
  /** The plan's price for a period, in advance. */
  record BaseFee(String plan) implements Charge {}

  /** The plan's fee when the subscription starts. */
  record SetupFee(String plan) implements Charge {}

  /** A recurring add-on's price for a period, in advance. */
  record AddOn(String addOn) implements Charge {}

  /** Units of a meter used in a period that has ended. */
  record Usage(String meter) implements Charge {}

  /** What was charged for the rest of a period, given back after a change. */
  record ProrationCredit(String item) implements Charge {}

  /** The new price for the rest of a period, after a change. */
  record ProrationCharge(String item) implements Charge {}

  /** A charge made once: a one-off add-on, an export, a fee set by hand. */
  record OneOff(String item) implements Charge {}

  /** What is missing to a minimum commitment. */
  record Minimum(String item) implements Charge {}

  /** What is above a spend cap, taken off. */
  record Cap(String item) implements Charge {}

  /** A coupon's or volume discount's reduction of another line. */
  record Discount(String coupon) implements Charge {}

  /** An amount credited by hand on a credit note. */
  record Credit(String reason) implements Charge {}
}
