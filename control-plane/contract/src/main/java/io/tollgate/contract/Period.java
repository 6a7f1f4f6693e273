package io.tollgate.contract;

import java.time.Instant;

/**
 * A half-open stretch of time: {@code start} belongs to it, {@code end} to the next.
 *
 * @param start first instant inside
 * @param end first instant after
 */
public record Period(Instant start, Instant end) {
  public Period {
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException("period: " + start + " is not before " + end);
    }
  }

  /** Whether the instant lies in the period. */
  public boolean contains(Instant instant) {
    return !instant.isBefore(start) && instant.isBefore(end);
  }
}
