package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.OverLimit.Behavior;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A departure from what plan and add-ons give one tenant, made by staff.
 *
 * @param id {@code ovr_...}; appears as the origin {@code override:ID}
 * @param tenant whose
 * @param value what it sets
 * @param reason why, for whoever finds it later
 * @param createdAt by the tenant's clock
 * @param expiresAt when it ends by itself, by the tenant's clock; null for never
 */
public record EntitlementOverride(
    String id,
    String tenant,
    Value value,
    String reason,
    Instant createdAt,
    @Nullable Instant expiresAt) {
  public EntitlementOverride {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(createdAt, "createdAt");
  }

  /** Whether it holds at the instant. */
  public boolean isInForceAt(Instant instant) {
    return expiresAt == null || instant.isBefore(expiresAt);
  }

  /** What an override sets. */
  public sealed interface Value {
    /** The feature or limit it is about. */
    String key();

    /**
     * A feature, whatever plan and add-ons say.
     *
     * @param key the feature's key
     * @param enabled whether it is there
     * @param limit how much of it; null for no bound
     * @param level which tier of it; null for none
     */
    record OfFeature(String key, boolean enabled, @Nullable Long limit, @Nullable String level)
        implements Value {}

    /**
     * A limit of the plan.
     *
     * @param key the limit's name
     * @param amount units per window, or permits; null to keep them
     * @param burst a rate's bucket; null to scale it with the amount
     * @param behavior what happens past it; null to keep that. ALLOW is document 001's privileged
     *     tenant
     */
    record OfLimit(
        String key, @Nullable Long amount, @Nullable Long burst, @Nullable Behavior behavior)
        implements Value {
      public OfLimit {
        if (amount == null && burst == null && behavior == null) {
          throw new IllegalArgumentException("at least one of amount, burst and behavior");
        }
        if ((amount != null && amount < 0) || (burst != null && burst < 1)) {
          throw new IllegalArgumentException("amount: at least 0; burst: at least 1");
        }
      }
    }
  }
}
