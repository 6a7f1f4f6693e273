package io.tollgate.contract;

/**
 * The answer to {@link QuotaAlerts}: each alert is now durable, or of a tenant that is not there.
 *
 * @param format {@link #FORMAT}
 * @param fresh how many were not known before
 * @param known how many were
 * @param refused how many are of tenants nobody knows; they need not be told again
 */
public record QuotaAlertReceipt(int format, int fresh, int known, int refused) {
  /** The format this code writes. */
  public static final int FORMAT = 1;
}
