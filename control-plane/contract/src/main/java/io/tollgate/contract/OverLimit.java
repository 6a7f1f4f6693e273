package io.tollgate.contract;

import java.util.List;
import java.util.Objects;

/**
 * What happens past a limit (documents 001 and 003).
 *
 * @param behavior refuse, warn, or only count
 * @param bufferPercent percent of the limit that passes, with a warning, before DENY takes hold
 *     (document 003: 5); 0 for none
 * @param graceDays days after the limit was first passed during which DENY lets the buffer pass
 *     with a warning, or anything where there is no buffer; after them nothing passes beyond the
 *     limit. 0 for a buffer that lasts, and for none
 * @param alertPercents percentages of the limit whose crossing is announced once a window, rising
 */
public record OverLimit(
    Behavior behavior, int bufferPercent, int graceDays, List<Integer> alertPercents) {
  /** Document 001's over-quota behaviour, with billed overage added. */
  public enum Behavior {
    /** Refuse the call. */
    DENY,
    /** Admit, say so in a header and an event. */
    WARN,
    /** Admit and count only: a privileged tenant. */
    ALLOW,
    /** Admit; what is above the limit is billed as overage. */
    BILL
  }

  /** Refuse at the limit, alert at document 002's defaults. */
  public static final OverLimit DENY = new OverLimit(Behavior.DENY, 0, 0, List.of(80, 90, 95, 100));

  public OverLimit {
    Objects.requireNonNull(behavior, "behavior");
    alertPercents = List.copyOf(alertPercents);
    if (bufferPercent < 0 || bufferPercent > 100) {
      throw new IllegalArgumentException("bufferPercent: 0 to 100, not " + bufferPercent);
    }
    if (graceDays < 0 || graceDays > 366) {
      throw new IllegalArgumentException("graceDays: 0 to 366, not " + graceDays);
    }
  }
}
