package io.tollgate.proxy.tenant;

import java.util.regex.Pattern;

/** What a caller shows. Each kind finds its way to a tenant in {@link TenantResolver}. */
public sealed interface Credential permits ApiKey, Token, Credential.Named, Credential.Malformed {
  /**
   * The tenant's own name, from a place that is believed as it stands.
   *
   * @param identity the tenant and by what it was named
   */
  record Named(Identity.Known identity) implements Credential {
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");

    /** The name as a credential; malformed where no tenant can be called so. */
    static Credential of(String tenant, String keyId) {
      return isTenant(tenant) ? new Named(new Identity.Known(tenant, keyId)) : Malformed.MALFORMED;
    }

    /** Whether a tenant can be called so: what stands in paths, fields and logs as it is. */
    static boolean isTenant(String text) {
      return TENANT.matcher(text).matches();
    }
  }

  /** Something stands where a credential should, but cannot be one. */
  enum Malformed implements Credential {
    /** The only one. */
    MALFORMED
  }
}
