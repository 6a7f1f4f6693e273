package io.tollgate.proxy.tenant;

import java.util.Objects;

/** What a request's credential says about whose it is. */
public sealed interface Identity {
  /**
   * A tenant.
   *
   * @param tenant the tenant's id
   * @param keyId the public id of the credential, safe to log
   */
  record Known(String tenant, String keyId) implements Identity {
    public Known {
      Objects.requireNonNull(tenant, "tenant");
      Objects.requireNonNull(keyId, "keyId");
    }
  }

  /**
   * Nobody's: to be refused with 401.
   *
   * @param why for the caller; never contains the credential
   */
  record Unknown(String why) implements Identity {
    public Unknown {
      Objects.requireNonNull(why, "why");
    }
  }

  /**
   * Cannot be told now: to be refused with 503 unless the policy says otherwise.
   *
   * @param why for the caller and the log
   */
  record Unavailable(String why) implements Identity {
    public Unavailable {
      Objects.requireNonNull(why, "why");
    }
  }
}
