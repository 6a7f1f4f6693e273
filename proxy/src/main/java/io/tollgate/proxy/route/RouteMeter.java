package io.tollgate.proxy.route;

import java.util.Objects;

/**
 * What one call of a route counts for on a meter: for every {@code per} of what is measured, begun
 * ones included, {@code weight} units.
 *
 * @param meter the meter's key, as plans price and limit it
 * @param of what is measured
 * @param field the response field or trailer that says it; empty for everything else
 * @param per how much of it makes a unit: bytes, milliseconds, messages; 1 to 2^40
 * @param weight units, 0 to 1,000,000; 0 leaves the route out of the meter
 * @param estimate units taken from the limits before the call, where the truth comes later; 1 to
 *     1,000,000
 */
public record RouteMeter(String meter, Of of, String field, long per, long weight, long estimate) {
  /** The most units one call may weigh. */
  public static final long MOST_WEIGHT = 1_000_000;

  /** The most that can make one unit. */
  public static final long MOST_PER = 1L << 40;

  /** What is measured. */
  public enum Of {
    /** The call itself. */
    CALLS,
    /** Body bytes from the caller; on an upgraded connection all of them. */
    REQUEST_BYTES,
    /** Body bytes from the upstream; on an upgraded connection all of them. */
    RESPONSE_BYTES,
    /** Milliseconds from the call's head to its end. */
    DURATION,
    /** A number of units that the upstream says in a field or trailer of its answer. */
    RESPONSE_FIELD,
    /** Messages of a WebSocket or gRPC stream from the caller. */
    MESSAGES_SENT,
    /** Messages of a WebSocket or gRPC stream from the upstream. */
    MESSAGES_RECEIVED,
    /** Both. */
    MESSAGES,
    /** Server-sent events. */
    EVENTS
  }

  public RouteMeter {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(of, "of");
    Objects.requireNonNull(field, "field");
    if (weight < 0 || weight > MOST_WEIGHT) {
      throw new IllegalArgumentException("weight: 0 to " + MOST_WEIGHT + ", not " + weight);
    }
    if (per < 1 || per > MOST_PER) {
      throw new IllegalArgumentException("per: 1 to " + MOST_PER + ", not " + per);
    }
  }

  /** So many units for the call itself. */
  public static RouteMeter calls(String meter, long weight) {
    return new RouteMeter(meter, Of.CALLS, "", 1, weight, weight);
  }

  /** Units for so much of what is measured; never more than a journal takes at once. */
  public long units(long measured) {
    long begun = Math.ceilDiv(Math.min(Math.max(0, measured), 1L << 48), per);
    return Math.min(Math.multiplyHigh(begun, weight) == 0 ? begun * weight : 1L << 48, 1L << 48);
  }
}
