package io.tollgate.proxy.upstream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait for a connection to one address, each for as long as it has patience while none
 * opens for it. On one event loop.
 */
final class WaitingLine {
  private record Waiting(UpstreamEvents call, long until) {}

  private final ArrayDeque<Waiting> any = new ArrayDeque<>();

  /** Those that can use none but a connection that opens for them. */
  private final ArrayDeque<Waiting> fresh = new ArrayDeque<>();

  int size() {
    return any.size() + fresh.size();
  }

  boolean isEmpty() {
    return any.isEmpty() && fresh.isEmpty();
  }

  /** How many can use none but a connection that opens for them. */
  int needFresh() {
    return fresh.size();
  }

  /** A call joins the line. */
  void add(UpstreamEvents call, boolean needsFresh) {
    (needsFresh ? fresh : any).addLast(new Waiting(call, System.nanoTime() + call.patienceNanos()));
  }

  /** Who gets a connection that has served calls; null where there is nobody. */
  @Nullable UpstreamEvents nextForUsed() {
    return call(any.pollFirst());
  }

  /** Who gets one that was opened just now: whoever can use no other goes first. */
  @Nullable UpstreamEvents nextForFresh() {
    return fresh.isEmpty() ? nextForUsed() : call(fresh.pollFirst());
  }

  private static @Nullable UpstreamEvents call(@Nullable Waiting first) {
    return first == null ? null : first.call();
  }

  /** A call waits no more. */
  void forget(UpstreamEvents call) {
    any.removeIf(waiting -> waiting.call().equals(call));
    fresh.removeIf(waiting -> waiting.call().equals(call));
  }

  /** All that wait now do so in vain. */
  void fail(UpstreamFailure failure) {
    List<Waiting> failed = new ArrayList<>(fresh);
    failed.addAll(any);
    fresh.clear();
    any.clear();
    failed.forEach(waiting -> waiting.call().onFailure(failure, false));
  }

  /**
   * Those whose patience is over have waited in vain, but for the first, who are told how the
   * opening went.
   *
   * @param opening for how many of them a connection opens
   */
  void sweep(long now, int opening) {
    int others = Math.max(0, opening - fresh.size());
    sweep(fresh, now, opening);
    sweep(any, now, others);
  }

  private static void sweep(ArrayDeque<Waiting> line, long now, int opening) {
    if (line.size() > opening) {
      List<Waiting> late =
          line.stream().skip(opening).filter(each -> now - each.until() >= 0).toList();
      line.removeAll(late);
      late.forEach(each -> each.call().onFailure(UpstreamFailure.NO_CONNECTION, false));
    }
  }
}
