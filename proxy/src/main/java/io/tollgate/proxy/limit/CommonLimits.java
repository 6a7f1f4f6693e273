package io.tollgate.proxy.limit;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Limits seen lately, so that tenants of a plan have theirs in common: what is equal is kept once.
 * Thread-safe.
 */
final class CommonLimits {
  /** A power of two. */
  private static final int KEPT = 1 << 10;

  private final AtomicReferenceArray<@Nullable Object> parts = new AtomicReferenceArray<>(KEPT);
  private final AtomicReferenceArray<CompiledLimit @Nullable []> together =
      new AtomicReferenceArray<>(KEPT);

  /** The one that others have, if they have one equal to it. */
  @SuppressWarnings("unchecked") // what is equal to it is of its kind
  <T> T shared(T part) {
    int slot = slot(part.hashCode());
    Object known = parts.get(slot);
    if (part.equals(known)) {
      return (T) known;
    }
    parts.set(slot, part);
    return part;
  }

  /** The same of limits that apply together. */
  CompiledLimit[] shared(CompiledLimit[] limits) {
    int slot = slot(Arrays.hashCode(limits));
    CompiledLimit[] known = together.get(slot);
    if (Arrays.equals(limits, known)) {
      return known;
    }
    together.set(slot, limits);
    return limits;
  }

  private static int slot(int hash) {
    return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (KEPT - 1);
  }
}
