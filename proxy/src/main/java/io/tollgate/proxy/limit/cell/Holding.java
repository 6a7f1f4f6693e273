package io.tollgate.proxy.limit.cell;

/**
 * What one incarnation of a node was granted of a counter, in the counter's present window.
 * Cumulative, so that two sides of a split merge by taking the greater.
 *
 * @param node the node's name
 * @param incarnation the node's incarnation
 * @param granted units granted
 * @param returned units given back
 * @param forfeited units of leases that ran out unreported: taken for spent
 * @param outstanding units it may still spend
 * @param expiresAt when the lease runs out, by the owner's clock, epoch milliseconds
 */
public record Holding(
    String node,
    long incarnation,
    long granted,
    long returned,
    long forfeited,
    long outstanding,
    long expiresAt) {
  /** Nothing. */
  static Holding none(String node, long incarnation) {
    return new Holding(node, incarnation, 0, 0, 0, 0, Long.MIN_VALUE);
  }

  /** Units known to be spent: what the invariant of the accounts defines as settled. */
  public long settled() {
    return granted - returned - forfeited - outstanding;
  }

  /** Units that count as used. */
  public long taken() {
    return granted - returned;
  }

  boolean isOf(String otherNode, long otherIncarnation) {
    return incarnation == otherIncarnation && node.equals(otherNode);
  }

  /** The node's report: it holds so much still and gives so much back; the rest is spent. */
  Holding reported(long held, long givenBack) {
    long back = Math.min(givenBack, granted - returned);
    long kept = Math.min(held, granted - returned - back);
    return new Holding(node, incarnation, granted, returned + back, 0, kept, expiresAt);
  }

  /** Units granted, of which {@code sold} are taken for spent at once. */
  Holding grantedMore(long units, long sold, long newExpiresAt) {
    return new Holding(
        node,
        incarnation,
        granted + units,
        returned,
        forfeited,
        outstanding + units - sold,
        newExpiresAt);
  }

  /** The lease ran out unreported. */
  Holding expired() {
    return new Holding(node, incarnation, granted, returned, forfeited + outstanding, 0, expiresAt);
  }

  /** The later of two sides' knowledge of the same holding. */
  static Holding later(Holding a, Holding b) {
    if (a.granted != b.granted) {
      return a.granted > b.granted ? a : b;
    }
    return a.returned >= b.returned ? a : b;
  }
}
