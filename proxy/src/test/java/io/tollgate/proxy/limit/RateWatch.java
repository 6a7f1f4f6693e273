package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantState;
import java.util.Comparator;
import java.util.List;

/**
 * What a bucket's cell does while calls go on in calm: what it did not refill because it was full,
 * with what nodes hold; and whether it gives and refuses as it may.
 */
final class RateWatch {
  /** A bucket that is spent may be asked again after so long, or after its next unit. */
  private static final long RETRY_MILLIS = 20;

  private long since = Long.MAX_VALUE;
  private long until = Long.MAX_VALUE;

  /** Refill that found no room, in units times the rate's period in milliseconds. */
  long unfilled;

  /** Units a node was given beyond its waiting calls that it may not be. */
  long leasedTooMuch;

  /** Milliseconds by which a refusal was longer than it may be. */
  long refusedTooLong;

  /** From now on. */
  void begin(long nowMillis) {
    since = nowMillis;
  }

  /** Until now. */
  void end(TenantState cell, long nowMillis) {
    until = nowMillis;
    cell.counters().forEach(counter -> unfilled += unfilled(counter, nowMillis));
    since = Long.MAX_VALUE;
  }

  /** A request was worked on. */
  void saw(TenantState before, LeaseRequest request, LeaseReply reply, int nodes, long nowMillis) {
    if (nowMillis < since) {
      return;
    }
    before.counters().forEach(counter -> unfilled += unfilled(counter, nowMillis));
    for (int i = 0; i < reply.grants().size(); i++) {
      LeaseReply.Grant grant = reply.grants().get(i);
      LeaseRequest.Item item = request.items().get(i);
      long burst = item.definition().burst();
      long rate = item.definition().amount();
      long beyond = grant.granted() - item.need();
      long most = Math.max((grant.remaining() + Math.max(0, beyond)) / nodes, burst / 4 / nodes);
      leasedTooMuch = Math.max(leasedTooMuch, beyond - most);
      long unit = (item.least() * item.definition().perMillis() + rate - 1) / rate;
      refusedTooLong = Math.max(refusedTooLong, grant.retryMillis() - Math.max(RETRY_MILLIS, unit));
    }
  }

  /** From when it was full on: with each lease that runs out there is room again. */
  private long unfilled(CounterState counter, long nowMillis) {
    long per = counter.definition().perMillis();
    long rate = counter.definition().amount();
    long to = Math.min(nowMillis, until);
    long out = counter.holdings().stream().mapToLong(Holding::outstanding).sum();
    List<Holding> expired =
        counter.holdings().stream()
            .filter(holding -> holding.outstanding() > 0 && holding.expiresAt() < to)
            .sorted(Comparator.comparingLong(Holding::expiresAt))
            .toList();
    long level = counter.level();
    long at = counter.refilledAt();
    long lost = 0;
    for (int i = 0; i <= expired.size(); i++) {
      long next = i < expired.size() ? Math.max(at, expired.get(i).expiresAt()) : Math.max(at, to);
      long room = Math.max(0, Math.max(0, counter.definition().burst() - out) * per - level);
      long came = (next - at) * rate;
      long over = Math.max(0, came - room);
      lost += Math.min(over, Math.max(0, next - Math.max(at, since)) * rate);
      level += Math.min(came, room);
      at = next;
      out -= i < expired.size() ? expired.get(i).outstanding() : 0;
    }
    return lost;
  }
}
