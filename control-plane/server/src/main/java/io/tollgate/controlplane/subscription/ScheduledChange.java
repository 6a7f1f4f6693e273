package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Cycle;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change that waits for an instant, usually the period's end.
 *
 * @param id {@code chg_...}
 * @param at when it takes effect
 * @param version the catalog version it was agreed under
 * @param change what it does
 */
public record ScheduledChange(String id, Instant at, int version, Change change) {
  /** What a subscriber can change. */
  public sealed interface Change {
    /** Another plan, or another number of its units, or another cycle, or several of these. */
    record ToPlan(String plan, int quantity, Cycle cycle, @Nullable BigDecimal agreed)
        implements Change {}

    /** The same under another version of the catalog. */
    record ToVersion() implements Change {}

    /** So many units of an add-on in all; 0 removes it. */
    record ToAddOn(String addOn, int quantity) implements Change {}
  }
}
