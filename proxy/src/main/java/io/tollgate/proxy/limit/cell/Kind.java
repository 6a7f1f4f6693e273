package io.tollgate.proxy.limit.cell;

/** The kinds of limit. */
public enum Kind {
  /** A token bucket: refilled all the time, holds at most its burst. */
  RATE,
  /** So many units a window. */
  QUOTA,
  /** So many calls in flight. */
  CONCURRENCY
}
