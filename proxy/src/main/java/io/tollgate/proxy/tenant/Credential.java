package io.tollgate.proxy.tenant;

/** What a caller shows. Each kind finds its way to a tenant in {@link TenantResolver}. */
public sealed interface Credential permits ApiKey, Credential.Malformed {
  /** Something stands where a credential should, but cannot be one. */
  enum Malformed implements Credential {
    /** The only one. */
    MALFORMED
  }
}
