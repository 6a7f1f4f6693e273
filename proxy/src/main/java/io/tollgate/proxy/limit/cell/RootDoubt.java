package io.tollgate.proxy.limit.cell;

/**
 * That the root of a quota may know less than its cell, which gave units back. An order that
 * overtakes them is answered as if they were still out; taken at its word, nobody would ever ask
 * for them again. Known to one owner only.
 */
final class RootDoubt {
  /** What goes back has arrived after so long, as far as it does. */
  private static final long ARRIVES_MILLIS = 3_000;

  private final long until;
  private boolean isOvertaking = true;

  /** Units go back now. */
  RootDoubt(long now) {
    until = now + ARRIVES_MILLIS;
  }

  /** An order is placed for the first time. */
  void ordered(long now) {
    isOvertaking = now < until;
  }

  /** Whether the root's answer to the last order tells all there is. */
  boolean isOver() {
    return !isOvertaking;
  }
}
