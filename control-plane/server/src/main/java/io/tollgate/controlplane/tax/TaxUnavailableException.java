package io.tollgate.controlplane.tax;

/**
 * Nobody can say now what tax is due. What was to be billed is not: the work that failed is tried
 * again, and set aside where it goes on failing.
 */
public final class TaxUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says why, without anything secret. */
  public TaxUnavailableException(String why) {
    super("the tax is not known: " + why);
  }
}
