package io.tollgate.proxy.config;

import java.util.Objects;

/**
 * How many units of a meter one call of a route takes.
 *
 * @param meter the meter's key, as plans price and limit it
 * @param weight units a call, 0 to 1,000,000; 0 leaves the route out of the meter
 */
public record MeterWeight(String meter, long weight) {
  /** The most units one call may weigh. */
  public static final long MOST = 1_000_000;

  public MeterWeight {
    Objects.requireNonNull(meter, "meter");
    if (weight < 0 || weight > MOST) {
      throw new IllegalArgumentException("weight: 0 to " + MOST + ", not " + weight);
    }
  }
}
