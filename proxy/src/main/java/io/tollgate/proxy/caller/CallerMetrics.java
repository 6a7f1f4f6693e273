package io.tollgate.proxy.caller;

/** What is counted of callers. Thread-safe. */
public interface CallerMetrics {
  /** A caller asked too much of the proxy, and was stopped. */
  void defended(Defended what);

  /** A caller's connection was one too many. */
  void turnedAway();
}
