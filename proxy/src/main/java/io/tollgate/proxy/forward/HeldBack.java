package io.tollgate.proxy.forward;

import java.util.LinkedHashMap;

/**
 * Calls of which bytes lie here since one side is slow, and how many: first those of which nothing
 * has moved for longest. On one event loop.
 */
final class HeldBack {
  private final LinkedHashMap<Held, Integer> calls = new LinkedHashMap<>();
  private long bytes;

  /** Bytes of all of them. */
  long bytes() {
    return bytes;
  }

  /** Of this call so many bytes lie here now; its place stays. */
  void lie(Held call, int now) {
    Integer before = now == 0 ? calls.remove(call) : calls.put(call, now);
    bytes += now - (before == null ? 0 : before);
  }

  /** Some of its bytes went on, so that others have lain here for longer. */
  void move(Held call, int now) {
    lie(call, 0);
    lie(call, now);
  }

  /** Takes the call out of which nothing has moved for longest. There must be one. */
  Held takeLongest() {
    Held longest = calls.firstEntry().getKey();
    lie(longest, 0);
    return longest;
  }
}
