package io.tollgate.proxy.config;

/**
 * How many calls may be sent once more after the upstream may have begun with them.
 *
 * @param percent of the calls, 0 to 100
 * @param perSecond on top of that, 0 to 10,000, for upstreams with few calls
 */
public record Retries(int percent, int perSecond) {
  /** A fifth of the calls, and ten a second. */
  public static final Retries DEFAULT = new Retries(20, 10);
}
