package io.tollgate.proxy.tenant;

import io.tollgate.contract.Entitlements;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a request's credential says about whose it is. */
public sealed interface Identity {
  /**
   * A tenant. Equal by tenant and key.
   *
   * @param tenant the tenant's id
   * @param keyId the public id of the credential, safe to log
   * @param held what the tenant may do as whoever knew the credential holds it now, so that nobody
   *     need look it up by the tenant's name; null where it is not held
   * @param memo what one call leaves for the next
   */
  record Known(String tenant, String keyId, Supplier<@Nullable Entitlements> held, Memo memo)
      implements Identity {
    public Known {
      Objects.requireNonNull(tenant, "tenant");
      Objects.requireNonNull(keyId, "keyId");
      Objects.requireNonNull(held, "held");
      Objects.requireNonNull(memo, "memo");
    }

    /** A tenant of whom nothing else is known. */
    public Known(String tenant, String keyId) {
      this(tenant, keyId, () -> null, new Memo());
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Known that && tenant.equals(that.tenant) && keyId.equals(that.keyId);
    }

    @Override
    public int hashCode() {
      return 31 * tenant.hashCode() + keyId.hashCode();
    }

    /** Without what is held. */
    @Override
    public String toString() {
      return "Known[tenant=" + tenant + ", keyId=" + keyId + "]";
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
