package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a trial is to end, instead of when it would.
 *
 * @param at an instant to come, kept to the millisecond; null for now
 * @param with what its first period begins with instead of what is held; null for that. Only where
 *     it ends now
 */
public record TrialEnd(@Nullable Instant at, Change.@Nullable ToPlan with) {
  public TrialEnd {
    at = at == null ? null : at.truncatedTo(ChronoUnit.MILLIS);
    if (at != null && with != null) {
      throw new IllegalArgumentException("a change comes with an end now, not at " + at);
    }
  }

  /** What a change of plan inside a trial does to the trial. */
  public enum AtChange {
    /** Its days stay: the new plan is free up to its end. */
    KEEP,
    /** It ends with the change, and the new plan's first period begins. */
    END
  }

  /**
   * Whether a change ends the trial, by the field {@code trial} the API takes: {@code keep}, or
   * {@code end} where the change does not wait.
   *
   * @throws Problem 422 naming the field
   */
  public static boolean comesWith(JsonFields fields, @Nullable When when) {
    boolean ends = fields.findOneOf("trial", AtChange.class).orElse(AtChange.KEEP) == AtChange.END;
    if (ends && when == When.PERIOD_END) {
      throw fields.wrong("trial", "a change that waits for the trial's end keeps it");
    }
    return ends;
  }

  /**
   * From the field the API takes: {@code ends}, {@code now} or an instant.
   *
   * @throws Problem 422 naming the field
   */
  public static TrialEnd read(JsonFields fields) {
    return new TrialEnd(fields.text("ends").equals("now") ? null : fields.instant("ends"), null);
  }
}
