package io.tollgate.contract;

import java.util.Objects;

/**
 * One event of the control plane's change stream.
 *
 * @param format {@link #FORMAT}
 * @param sequence rises over all tenants; a proxy resumes the stream after the last one it applied
 * @param entitlements the tenant's new entitlements
 */
public record EntitlementsChange(int format, long sequence, Entitlements entitlements) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  public EntitlementsChange {
    Objects.requireNonNull(entitlements, "entitlements");
  }
}
