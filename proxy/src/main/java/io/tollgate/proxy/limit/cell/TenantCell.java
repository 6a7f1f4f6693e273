package io.tollgate.proxy.limit.cell;

import io.tollgate.proxy.limit.cell.TenantState.SessionState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All cells of one tenant, kept together so that one operation on the cluster leases from every
 * limit a call needs. Not thread-safe: its owner works on one request at a time.
 */
public final class TenantCell {
  /** A session unheard of for so long belongs to a node that is gone. */
  private static final long SESSION_MILLIS = 3_600_000;

  /** So few counters are looked through each time; more of them one after the other. */
  private static final int FEW = 8;

  /** In this time all are looked at, where there are requests; not so many at once, though. */
  private static final long ROUND_MILLIS = 60_000;

  private static final int MOST = 16_384;

  private final List<SessionState> sessions;
  private Map<CounterName, CounterCell> counters = new LinkedHashMap<>(8);

  /** More than a few: the one to be looked at next first. */
  private ArrayDeque<CounterName> round = new ArrayDeque<>(0);

  private long now;
  private long lookedAt = Long.MIN_VALUE;

  /** Of the round that goes on: how many counters, how many not looked at, what the others said. */
  private int inRound;

  private int left;
  private long keepSoFar = Long.MIN_VALUE;

  /** How many counters there have been since the tables were last made. */
  private int most;

  /** Until when any counter says something; never too early. */
  private long keepUntil = Long.MIN_VALUE;

  /** A tenant's cells before the first request. */
  public TenantCell() {
    sessions = new ArrayList<>(4);
    now = Long.MIN_VALUE;
  }

  /** The cells as they were. */
  public TenantCell(TenantState state) {
    sessions = new ArrayList<>(state.sessions());
    now = state.now();
    state.counters().forEach(this::put);
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
    List<LeaseReply.Grant> grants = new ArrayList<>(request.items().size());
    for (LeaseRequest.Item item : request.items()) {
      CounterCell counter = counter(item, request.version());
      grants.add(counter.lease(request, item, owner, now));
      keep(counter.keepUntil(now));
    }
    LeaseReply reply = new LeaseReply(request.sequence(), grants);
    remember(new SessionState(request.node(), request.incarnation(), now, reply));
    return reply;
  }

  /**
   * The owner takes the blocks of all counters for its own, as each request has it do.
   *
   * @return whether that changed anything
   */
  public boolean claim(Owner owner) {
    boolean changed = false;
    for (CounterCell counter : counters.values()) {
      changed |= counter.claim(owner);
    }
    return changed;
  }

  /** The whole state. */
  public TenantState state() {
    return new TenantState(
        now, sessions, counters.values().stream().map(CounterCell::state).toList());
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
    touched.counters().forEach(this::put);
  }

  private void put(CounterState state) {
    CounterCell counter = new CounterCell(state);
    add(CounterName.of(state.definition().limit(), state.counter()), counter);
    keep(counter.keepUntil(now));
  }

  private void add(CounterName name, CounterCell counter) {
    if (counters.put(name, counter) == null) {
      if (!round.isEmpty()) {
        round.add(name);
      } else if (counters.size() > FEW) {
        round.addAll(counters.keySet());
      }
      most = Math.max(most, counters.size());
    }
  }

  private void keep(long until) {
    keepUntil = Math.max(keepUntil, until);
    keepSoFar = Math.max(keepSoFar, until);
  }

  /**
   * For how many milliseconds the cells must be remembered if nobody asks any more: until buckets
   * are full, windows over and leases run out. {@link Long#MAX_VALUE} for ever.
   */
  public long keepMillis() {
    return keepUntil == Long.MAX_VALUE ? keepUntil : Math.max(0, keepUntil - now);
  }

  /**
   * Drops counters that say nothing any more, such as those of keys long unused. Where there are
   * many, each request looks at some of them: as many as its part of a minute is worth.
   */
  public void forget() {
    if (round.isEmpty()) {
      keepUntil = Long.MIN_VALUE;
      for (Iterator<CounterCell> each = counters.values().iterator(); each.hasNext(); ) {
        isKept(each.next(), each::remove);
      }
      return;
    }
    long elapsed = lookedAt == Long.MIN_VALUE ? 0 : Math.min(now - lookedAt, ROUND_MILLIS);
    long share = Math.min(MOST, FEW + inRound * elapsed / ROUND_MILLIS);
    lookedAt = now;
    for (long i = Math.min(share, round.size()); i > 0; i--) {
      lookAtNext();
    }
    if (most > MOST && counters.size() < most / 4) {
      most = counters.size();
      counters = new LinkedHashMap<>(counters);
      round = new ArrayDeque<>(round);
    }
  }

  private void lookAtNext() {
    if (left == 0) {
      left = round.size();
      inRound = left;
      keepSoFar = Long.MIN_VALUE;
    }
    CounterName name = round.remove();
    CounterCell counter = counters.get(name);
    if (counter != null && isKept(counter, () -> counters.remove(name))) {
      round.add(name);
    }
    left--;
    if (left == 0) {
      keepUntil = keepSoFar;
    }
  }

  private boolean isKept(CounterCell counter, Runnable drop) {
    long until = counter.keepUntil(now);
    keep(until);
    boolean isKept = until > now;
    if (!isKept) {
      drop.run();
    }
    return isKept;
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
    b.counters.forEach(
        (name, counter) -> {
          CounterCell ours = merged.counters.get(name);
          CounterCell theirs = new CounterCell(counter.state());
          merged.add(name, ours == null ? theirs : CounterCell.merged(ours, theirs));
        });
    merged.lookedAt = Long.MIN_VALUE;
    merged.keepUntil = Math.max(a.keepUntil, b.keepUntil);
    return merged;
  }

  private CounterCell counter(LeaseRequest.Item item, long version) {
    CounterName name = CounterName.of(item.definition().limit(), item.counter());
    CounterCell known = counters.get(name);
    if (known != null) {
      return known;
    }
    CounterCell cell = new CounterCell(item.definition(), version, item.counter(), now);
    add(name, cell);
    return cell;
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
