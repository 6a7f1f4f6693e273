package io.tollgate.contract;

import java.util.Objects;

/**
 * A tenant's billing state and what it means at the door.
 *
 * @param state the state, for people and logs
 * @param access the consequence, for the proxy: it never derives access from {@code state} itself
 * @param reason one sentence a caller may be shown, such as "invoice INV-2026-0001 is 9 days
 *     overdue"
 */
public record Standing(BillingState state, Access access, String reason) {
  public Standing {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(reason, "reason");
  }
}
