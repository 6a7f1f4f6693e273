package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pauses that a subscription's present period has behind it. Its clock stood still in them, so
 * that what is held, charged and given back is measured on the time without them.
 *
 * @param whole the full period by rule as it was before the first pause; null without one
 * @param past the pauses, in their order
 */
public record Pauses(@Nullable Period whole, List<Pause> past) {
  /** A period that ran through. */
  public static final Pauses NONE = new Pauses(null, List.of());

  /**
   * One pause.
   *
   * @param moved by how much local time it moved the period's end
   */
  public record Pause(Instant from, Instant to, Duration moved) {}

  public Pauses {
    past = List.copyOf(past);
  }

  /** These and one more, of a period whose full one is {@code full} if it was never paused. */
  Pauses and(Pause pause, Period full) {
    List<Pause> more = new ArrayList<>(past);
    more.add(pause);
    return new Pauses(whole == null ? full : whole, more);
  }

  /** Where an instant would lie without the pauses before it; all of a pause is its beginning. */
  Instant without(Instant instant, ZoneId zone) {
    Instant at = instant;
    for (Pause pause : past.reversed()) {
      if (!at.isBefore(pause.to())) {
        at = LocalDateTime.ofInstant(at, zone).minus(pause.moved()).atZone(zone).toInstant();
      } else if (at.isAfter(pause.from())) {
        at = pause.from();
      }
    }
    return at;
  }

  /** Where an instant lies that would lie there without the pauses before it. */
  Instant with(Instant instant, ZoneId zone) {
    Instant at = instant;
    for (Pause pause : past) {
      if (at.isAfter(pause.from())) {
        at = LocalDateTime.ofInstant(at, zone).plus(pause.moved()).atZone(zone).toInstant();
      }
    }
    return at;
  }
}
