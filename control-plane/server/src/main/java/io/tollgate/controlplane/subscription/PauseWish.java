package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How somebody wants a subscription to pause.
 *
 * @param when now, or at the period's end, before the next one begins; null for now, or where
 *     {@code at} says
 * @param at at a given instant to come, in this period or a later one, kept to the millisecond;
 *     null where {@code when} says
 * @param resumesAt when it resumes by itself; null for when it is told to
 */
public record PauseWish(@Nullable When when, @Nullable Instant at, @Nullable Instant resumesAt) {
  public PauseWish {
    at = at == null ? null : at.truncatedTo(ChronoUnit.MILLIS);
  }

  /** A pause that begins now. */
  public PauseWish(@Nullable Instant resumesAt) {
    this(null, null, resumesAt);
  }

  /**
   * From the fields the API takes: {@code when}, or {@code at}, and {@code resumesAt}.
   *
   * @throws Problem 422 naming the field
   */
  public static PauseWish read(JsonFields fields) {
    @Nullable When when = PlanWish.when(fields);
    Instant at = fields.findInstant("at").orElse(null);
    if (when != null && at != null) {
      throw fields.wrong("at", "either when or at is expected, not both");
    }
    return new PauseWish(when, at, fields.findInstant("resumesAt").orElse(null));
  }

  /** When it is to begin; null for now. */
  @Nullable Instant begins(Subscription subscription) {
    return when == When.PERIOD_END ? subscription.current().end() : at;
  }

  /** Refuses one that cannot come: before now, without a length, or at the end or after it. */
  void check(Subscription subscription, Instant now) {
    Instant begins = begins(subscription);
    Instant ends = subscription.cancelAt();
    String field = at == null ? "when" : "at";
    if (begins != null && !begins.isAfter(now)) {
      throw Problem.invalid(field, "an instant after now, " + now + ", is expected");
    }
    if (begins != null && ends != null && !begins.isBefore(ends)) {
      throw Problem.invalid(field, "it ends at " + ends + ", and pauses before that or not at all");
    }
    if (resumesAt != null && !resumesAt.isAfter(begins == null ? now : begins)) {
      throw Problem.invalid(
          "resumesAt", "an instant after " + (begins == null ? "now" : begins) + " is expected");
    }
  }
}
