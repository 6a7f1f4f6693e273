package io.tollgate.controlplane.catalog;

/** When the fee of a period is billed. Usage is billed in arrears always. */
public enum Billed {
  /** At the period's start. */
  IN_ADVANCE,
  /** At the period's end, for the time in which it was held. */
  IN_ARREARS
}
