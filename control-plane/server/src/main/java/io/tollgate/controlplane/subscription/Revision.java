package io.tollgate.controlplane.subscription;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step in a subscription's life, kept for ever: what it was, what was done, what it is. All
 * that a bill of the step needs; the same value comes from a preview that was never stored.
 *
 * @param command what was done or happened
 * @param at when it took effect, by the tenant's clock
 * @param before null for the first
 * @param after what it is since
 * @param refund whether what was paid for the rest of the period is given back, for an end
 */
public record Revision(
    Command command,
    Instant at,
    @Nullable Subscription before,
    Subscription after,
    boolean refund) {
  /** The id of the step: the subscription's with its revision, such as {@code sub_01j.../3}. */
  public String id() {
    return after.id() + "/" + after.revision();
  }

  /** By which it is found. */
  public RevisionKey key() {
    return new RevisionKey(after.id(), after.revision());
  }
}
