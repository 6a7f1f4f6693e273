package io.tollgate.proxy.tenant;

import io.tollgate.contract.Entitlements;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a request's credential says about whose it is. */
public sealed interface Identity {
  /**
   * A tenant. Equal by tenant and key. What a call leaves with it is for the next one of the same
   * credential, so that later rooms need not look up again what they found: a reader finds what
   * some call left before, or nothing, and has to see for itself whether it still holds.
   * Thread-safe as far as what is left is immutable.
   */
  final class Known implements Identity {
    private final String tenant;
    private final String keyId;
    private final Supplier<@Nullable Entitlements> held;
    private @Nullable Object left;

    /**
     * A tenant whose entitlements somebody holds.
     *
     * @param tenant the tenant's id
     * @param keyId the public id of the credential, safe to log
     * @param held what the tenant may do as whoever knew the credential holds it now, so that
     *     nobody need look it up by the tenant's name; null where it is not held
     */
    public Known(String tenant, String keyId, Supplier<@Nullable Entitlements> held) {
      this.tenant = Objects.requireNonNull(tenant, "tenant");
      this.keyId = Objects.requireNonNull(keyId, "keyId");
      this.held = Objects.requireNonNull(held, "held");
    }

    /** A tenant of whom nothing else is known. */
    public Known(String tenant, String keyId) {
      this(tenant, keyId, () -> null);
    }

    /** The tenant's id. */
    public String tenant() {
      return tenant;
    }

    /** The public id of the credential, safe to log. */
    public String keyId() {
      return keyId;
    }

    /** What the tenant may do as it is held now. */
    public Supplier<@Nullable Entitlements> held() {
      return held;
    }

    /** What a call left; null where none did. */
    public @Nullable Object left() {
      return left;
    }

    /** Leaves something immutable for the next call. */
    public void leave(Object something) {
      left = something;
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
