package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.web.JsonFields;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How somebody wants a subscription to end.
 *
 * @param when at once or with the period; null to let the catalog's policy say
 * @param at at a given instant to come, in this period or a later one; null where {@code when} says
 * @param refund whether an end before its period's end gives back what was paid for the rest
 */
public record Cancellation(@Nullable When when, @Nullable Instant at, boolean refund) {
  /** An end at once or with the period. */
  public Cancellation(@Nullable When when, boolean refund) {
    this(when, null, refund);
  }

  /**
   * From the fields the API takes: {@code when}, or {@code at}, and {@code refund}.
   *
   * @throws io.tollgate.controlplane.web.Problem 422 naming the field
   */
  public static Cancellation read(JsonFields fields) {
    @Nullable When when = PlanWish.when(fields);
    Instant at = fields.findInstant("at").orElse(null);
    if (when != null && at != null) {
      throw fields.wrong("at", "either when or at is expected, not both");
    }
    return new Cancellation(when, at, fields.bool("refund", false));
  }
}
