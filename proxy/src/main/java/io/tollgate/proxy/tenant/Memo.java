package io.tollgate.proxy.tenant;

import org.jspecify.annotations.Nullable;

/**
 * What a call leaves for the next one of the same credential, so that later rooms need not look up
 * again what they found. Thread-safe as far as what is left is immutable: a reader finds what some
 * call left before, or nothing, and has to see for itself whether it still holds.
 */
public final class Memo {
  private @Nullable Object left;

  /** What was left; null where nothing was. */
  public @Nullable Object get() {
    return left;
  }

  /** Leaves something immutable. */
  public void leave(Object something) {
    left = something;
  }
}
