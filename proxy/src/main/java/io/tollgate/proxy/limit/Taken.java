package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one {@link Call} took of its limits, until it ends. Reused with it. */
final class Taken implements Ticket {
  private final Call call;
  private @Nullable AppliedLimits limits;

  /** The leases' marks from before its units were taken. */
  private long[] marks = new long[8];

  private long[] taken = new long[8];

  /** Whether what it took of each limit is noted; else it is its weight. */
  private boolean settled;

  private boolean open;

  /** When its permits were taken, or it was last seen to run. */
  private long aliveAt;

  /** Whether the node looks after its permits. */
  private boolean watched;

  Taken(Call call) {
    this.call = call;
  }

  void begin(AppliedLimits applied) {
    limits = applied;
    settled = false;
    int size = applied.size();
    if (marks.length < size) {
      marks = new long[size];
      taken = new long[size];
    }
  }

  /** Where the marks of the leases go that it is taken from. */
  long[] marks() {
    return marks;
  }

  /** Whether its units of a limit were beyond it, by the limit's policy. */
  boolean isOver(int i) {
    return Leases.isOver(marks[i]);
  }

  /** What it took is its own until it ends, its permits until their time is over. */
  void hold(long at) {
    open = true;
    if (limits().holdsPermits) {
      aliveAt = at;
      if (!watched) {
        watched = true;
        limits().escrow.watch(this);
      }
    }
  }

  /** What passes unasked is taken where there is something to take, and else owed. */
  void takeBlind(long at) {
    AppliedLimits applied = limits();
    for (int i = 0; i < applied.counters.length; i++) {
      Counter counter = applied.counters[i];
      marks[i] = counter.mark();
      boolean has =
          counter.holdsAt(at) && Leases.take(counter.words, counter.at, applied.weight(i)) >= 0;
      boolean owes = !has && applied.limits[i].definition().kind() == Kind.QUOTA;
      if (owes) {
        counter.owe(applied.weight(i));
      }
      taken[i] = has || owes ? applied.weight(i) : 0;
    }
    settled = true;
    hold(at);
  }

  private AppliedLimits limits() {
    return Objects.requireNonNull(limits, "prepare and admit the call first");
  }

  @Override
  public boolean settle(String meter, long units) {
    if (!open) {
      return true;
    }
    AppliedLimits applied = limits();
    noteTaken(applied);
    boolean covered = true;
    for (int i = 0; i < applied.limits.length; i++) {
      if (meter.equals(applied.limits[i].meter())) {
        covered &= settle(i, units);
      }
    }
    return covered;
  }

  /** From here on what it took of each limit is what is noted, not its weight. */
  private void noteTaken(AppliedLimits applied) {
    if (!settled) {
      for (int i = 0; i < applied.size(); i++) {
        taken[i] = applied.weight(i);
      }
      settled = true;
    }
  }

  private boolean settle(int i, long units) {
    long more = units - taken[i];
    taken[i] = units;
    if (more <= 0) {
      giveBack(i, -more);
      return true;
    }
    TenantEscrow escrow = limits().escrow;
    Counter counter = limits().counters[i];
    long mark = counter.mark();
    long covered = counter.takeUpTo(more, escrow.now());
    if (covered == more) {
      marks[i] = mark;
      return true;
    }
    escrow.owe(counter, more - covered);
    return limits().limits[i].definition().beyond();
  }

  /** Whether a limit refuses and is spent, as far as the cluster has said. */
  boolean isSpent(int i) {
    return !limits().limits[i].definition().beyond() && limits().counters[i].isSpent();
  }

  @Override
  public void keep() {
    end(false, false);
  }

  @Override
  public void waive() {
    end(true, false);
  }

  @Override
  public void refund() {
    end(true, true);
  }

  private void end(boolean refund, boolean ratesToo) {
    if (!open) {
      return;
    }
    open = false;
    AppliedLimits applied = limits();
    if (!refund && !applied.holdsPermits) {
      return;
    }
    for (int i = 0; i < applied.limits.length; i++) {
      LimitDefinition limit = applied.limits[i].definition();
      boolean back =
          switch (limit.kind()) {
            case CONCURRENCY -> true;
            case QUOTA -> refund;
            case RATE -> ratesToo;
          };
      if (back) {
        giveBack(i, settled ? taken[i] : applied.weight(i));
      }
    }
  }

  // Permits of calls that never end.

  /**
   * Has a call that held its permits for their time, or that no longer needs watching, looked at by
   * its own thread. From any thread: what it reads may be old, which costs a look in vain.
   */
  void look(long at, long forgetNanos) {
    AppliedLimits applied = limits;
    long nanos = open && applied != null ? applied.permitNanos : forgetNanos;
    if (at - aliveAt >= nanos) {
      call.executor().execute(() -> lapse(at, forgetNanos));
    }
  }

  /** Its permits are renewed where the call runs, and else come back. On the call's executor. */
  private void lapse(long at, long forgetNanos) {
    AppliedLimits applied = limits();
    long held = at - aliveAt;
    if (!open) {
      if (held >= forgetNanos) {
        unwatch();
      }
    } else if (held >= applied.permitNanos) {
      if (call.isRunning()) {
        aliveAt = at;
      } else if (!lapsed(applied, held)) {
        unwatch();
      }
    }
  }

  /** Whether a permit is left whose time has not come. */
  private boolean lapsed(AppliedLimits applied, long held) {
    noteTaken(applied);
    boolean left = false;
    for (int i = 0; i < applied.limits.length; i++) {
      long nanos = applied.permitNanos(i);
      if (held >= nanos && taken[i] > 0) {
        giveBack(i, taken[i]);
        taken[i] = 0;
        applied.escrow.lapsed();
      }
      left |= nanos != Long.MAX_VALUE && taken[i] > 0;
    }
    return left;
  }

  private void unwatch() {
    watched = false;
    limits().escrow.unwatch(this);
  }

  private void giveBack(int i, long units) {
    if (units > 0 && !limits().counters[i].giveBack(units, marks[i])) {
      limits().escrow.hasNews();
    }
  }
}
