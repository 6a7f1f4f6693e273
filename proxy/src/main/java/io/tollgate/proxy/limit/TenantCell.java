package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.TenantState.SessionState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All cells of one tenant, kept together so that one operation on the cluster leases from every
 * limit a call needs. Not thread-safe: its owner works on one request at a time.
 */
public final class TenantCell {
  /** A session unheard of for so long belongs to a node that is gone. */
  private static final long SESSION_MILLIS = 3_600_000;

  private final List<SessionState> sessions;
  private final List<CounterCell> counters;
  private long now;

  /** A tenant's cells before the first request. */
  public TenantCell() {
    sessions = new ArrayList<>(4);
    counters = new ArrayList<>(4);
    now = Long.MIN_VALUE;
  }

  /** The cells as they were. */
  public TenantCell(TenantState state) {
    sessions = new ArrayList<>(state.sessions());
    counters = new ArrayList<>(state.counters().size());
    state.counters().forEach(counter -> counters.add(new CounterCell(counter)));
    now = state.now();
  }

  /** Works on a request; a repeated one gets the answer it got before and changes nothing. */
  public LeaseReply apply(LeaseRequest request, Owner owner) {
    now = Math.max(now, owner.nowMillis());
    SessionState session = session(request.node(), request.incarnation());
    if (session != null && request.sequence() <= session.reply().sequence()) {
      return request.sequence() == session.reply().sequence()
          ? session.reply()
          : new LeaseReply(request.sequence(), List.of());
    }
    Moment moment = new Moment(now, session == null);
    List<LeaseReply.Grant> grants = new ArrayList<>(request.items().size());
    for (LeaseRequest.Item item : request.items()) {
      grants.add(counter(item, request.version()).lease(request, item, owner, moment));
    }
    LeaseReply reply = new LeaseReply(request.sequence(), grants);
    remember(new SessionState(request.node(), request.incarnation(), now, reply));
    return reply;
  }

  /** The whole state. */
  public TenantState state() {
    return new TenantState(now, sessions, counters.stream().map(CounterCell::state).toList());
  }

  /** The part of the state that a request changed: what a backup needs. */
  public TenantState touchedBy(LeaseRequest request) {
    SessionState session = session(request.node(), request.incarnation());
    List<CounterState> touched = new ArrayList<>(request.items().size());
    for (LeaseRequest.Item item : request.items()) {
      touched.add(counter(item, request.version()).state());
    }
    return new TenantState(now, session == null ? List.of() : List.of(session), touched);
  }

  /** Takes over the touched part of another copy's state. */
  public void take(TenantState touched) {
    now = Math.max(now, touched.now());
    touched.sessions().forEach(this::remember);
    for (CounterState state : touched.counters()) {
      counters.removeIf(cell -> cell.isOf(state.definition().limit(), state.counter()));
      counters.add(new CounterCell(state));
    }
  }

  /**
   * For how many milliseconds the cells must be remembered if nobody asks any more: until buckets
   * are full, windows over and leases run out. {@link Long#MAX_VALUE} for ever.
   */
  public long keepMillis() {
    long until = now;
    for (CounterCell counter : counters) {
      until = Math.max(until, counter.keepUntil(now));
    }
    return until == Long.MAX_VALUE ? until : until - now;
  }

  /** Drops counters that say nothing any more, such as those of keys long unused. */
  public void forget() {
    counters.removeIf(counter -> counter.keepUntil(now) <= now);
  }

  /** Two sides of a split: sessions and grants of both, definitions of the greater version. */
  public static TenantCell merged(TenantCell a, TenantCell b) {
    TenantCell merged = new TenantCell(a.state());
    merged.now = Math.max(a.now, b.now);
    for (SessionState session : b.sessions) {
      SessionState mine = merged.session(session.node(), session.incarnation());
      if (mine == null || mine.reply().sequence() < session.reply().sequence()) {
        merged.remember(session);
      }
    }
    for (CounterCell theirs : b.counters) {
      CounterState state = theirs.state();
      int i = merged.indexOf(state.definition().limit(), state.counter());
      if (i < 0) {
        merged.counters.add(new CounterCell(state));
      } else {
        merged.counters.set(i, CounterCell.merged(merged.counters.get(i), theirs));
      }
    }
    return merged;
  }

  private CounterCell counter(LeaseRequest.Item item, long version) {
    int i = indexOf(item.definition().limit(), item.counter());
    if (i >= 0) {
      return counters.get(i);
    }
    CounterCell cell = new CounterCell(item.definition(), version, item.counter(), now);
    counters.add(cell);
    return cell;
  }

  private int indexOf(String limit, String counter) {
    for (int i = 0; i < counters.size(); i++) {
      if (counters.get(i).isOf(limit, counter)) {
        return i;
      }
    }
    return -1;
  }

  private @Nullable SessionState session(String node, long incarnation) {
    for (SessionState session : sessions) {
      if (session.incarnation() == incarnation && session.node().equals(node)) {
        return session;
      }
    }
    return null;
  }

  private void remember(SessionState next) {
    sessions.removeIf(
        session ->
            (session.incarnation() == next.incarnation() && session.node().equals(next.node()))
                || session.seenAt() + SESSION_MILLIS < now);
    sessions.add(next);
  }
}
