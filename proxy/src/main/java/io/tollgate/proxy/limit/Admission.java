package io.tollgate.proxy.limit;

import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to one {@link Call} and what it took. Reused with it. */
final class Admission implements Verdict, Ticket {
  private enum State {
    IDLE,
    WAITING,
    TAKEN,
    BLIND,
    REFUSED,
    REFUSED_BLIND
  }

  final Call call;
  private State state = State.IDLE;
  private @Nullable AppliedLimits applied;
  private long[] marks = new long[8];
  private boolean[] refusing = new boolean[8];
  private long[] taken = new long[8];
  private boolean settled;
  private boolean open;
  private boolean runsLow;
  private int deciding = -1;
  private long now;

  /** When its permits were taken, or it was last seen to run. */
  private long aliveAt;

  /** Whether the node looks after its permits. */
  private boolean watched;

  // While it waits.
  private @Nullable Continuation then;
  private long waitsSince;
  private long deadline;
  private int rounds;

  Admission(Call call) {
    this.call = call;
  }

  void begin(AppliedLimits limits, long at) {
    applied = limits;
    now = at;
    deciding = -1;
    settled = false;
    int size = limits.size();
    if (marks.length < size) {
      marks = new long[size];
      refusing = new boolean[size];
      taken = new long[size];
    }
  }

  /** Takes from every limit or none. */
  boolean take(long at) {
    return isTaken(applied().take(marks, at), at);
  }

  /** The same from leases granted for calls that waited. Under the tenant's monitor. */
  boolean takeGranted(long at) {
    return isTaken(applied().takeGranted(marks, at), at);
  }

  private boolean isTaken(AppliedLimits.Taking taking, long at) {
    now = at;
    if (taking == AppliedLimits.Taking.NOTHING) {
      return false;
    }
    runsLow = taking == AppliedLimits.Taking.TOOK_LOW;
    state = State.TAKEN;
    hold(at);
    return true;
  }

  /** What it took is its own until it ends, its permits until their time is over. */
  private void hold(long at) {
    open = true;
    if (applied().holdsPermits) {
      aliveAt = at;
      if (!watched) {
        watched = true;
        applied().escrow.watch(this);
      }
    }
  }

  /** Whether a lease it took from runs low. */
  boolean runsLow() {
    return runsLow;
  }

  /** Whether a counter it knows was forgotten, so that it must look again. */
  boolean isStale() {
    for (Counter counter : applied().counters) {
      if (counter.isForgotten()) {
        return true;
      }
    }
    return false;
  }

  /** Marks the limits known to refuse this call now; whether there is one. */
  boolean refused(long at) {
    AppliedLimits limits = applied();
    int first = -1;
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      long units = limits.weight(i);
      refusing[i] = !limits.covers(i, at) && counter.refuses(units, at);
      first = refusing[i] && first < 0 ? i : first;
    }
    if (first < 0) {
      return false;
    }
    end(State.REFUSED, first, at);
    return true;
  }

  /** Refuses because what is left could not be found out in the rounds it was given. */
  void refuseUnknown(long at) {
    AppliedLimits limits = applied();
    int first = 0;
    for (int i = limits.counters.length - 1; i >= 0; i--) {
      first = limits.covers(i, at) ? first : i;
    }
    Arrays.fill(refusing, false);
    end(State.REFUSED_BLIND, first, at);
  }

  /** Whether a limit that this call lacks waits for a block of its root. */
  boolean awaitsBlock(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (limits.counters[i].awaitsBlock() && !limits.covers(i, at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a limit that this call lacks waits for a root that is known to be silent. */
  boolean isRootSilent(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (!limits.covers(i, at) && limits.counters[i].isRootSilent(at)) {
        return true;
      }
    }
    return false;
  }

  /** It waited for a block in vain: the calls after it need not. */
  void tellRootIsSilent(long at) {
    for (Counter counter : applied().counters) {
      if (counter.awaitsBlock()) {
        counter.rootIsSilent(at, waitsSince);
      }
    }
  }

  /** The cluster did not answer: the policy for that. */
  void blind(StoreDown policy, int nodes, long at) {
    AppliedLimits limits = applied();
    int deciding = -1;
    for (int i = 0; i < limits.counters.length && deciding < 0; i++) {
      Counter counter = limits.counters[i];
      boolean passes =
          limits.limits[i].definition().beyond()
              || limits.covers(i, at)
              || switch (policy) {
                case OPEN -> true;
                case CLOSED -> false;
                case FAIR_SHARE -> counter.takeFairShare(limits.weight(i), nodes, at);
              };
      deciding = passes ? -1 : i;
    }
    if (deciding < 0) {
      countBlind(limits, at);
    }
    Arrays.fill(refusing, false);
    end(deciding < 0 ? State.BLIND : State.REFUSED_BLIND, deciding, at);
  }

  /** What passes unasked is taken where there is something to take, and else owed. */
  private void countBlind(AppliedLimits limits, long at) {
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      marks[i] = counter.mark();
      boolean has =
          counter.holdsAt(at) && Leases.take(counter.words, counter.at, limits.weight(i)) >= 0;
      boolean owes = !has && limits.limits[i].definition().kind() == Kind.QUOTA;
      if (owes) {
        counter.owe(limits.weight(i));
      }
      taken[i] = has || owes ? limits.weight(i) : 0;
    }
    settled = true;
    hold(at);
  }

  private void end(State with, int decidingLimit, long at) {
    state = with;
    deciding = decidingLimit;
    now = at;
  }

  // While it waits.

  void await(Continuation continuation, long at, long atMost) {
    state = State.WAITING;
    then = continuation;
    waitsSince = at;
    deadline = at + atMost;
    rounds = 0;
  }

  boolean isOverdue(long at) {
    return deadline - at <= 0;
  }

  int nextRound() {
    return ++rounds;
  }

  /** Adds this call's weights to what its counters need. */
  void addNeeds(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      if (counter.mayAsk(at)) {
        counter.least =
            counter.need == 0 ? limits.weight(i) : Math.min(counter.least, limits.weight(i));
        counter.need += limits.weight(i);
      }
    }
  }

  /** Whether one of its counters may get units back from other nodes. */
  boolean mayRecall(long at) {
    for (int i = 0; i < applied().counters.length; i++) {
      if (refusing[i] && !applied().counters[i].mayRecall(at)) {
        return false;
      }
    }
    return true;
  }

  AppliedLimits applied() {
    return Objects.requireNonNull(applied, "prepare and admit the call first");
  }

  boolean isRefusing(int i) {
    return refusing[i];
  }

  void proceed() {
    Continuation next = Objects.requireNonNull(then, "then");
    then = null;
    call.executor().execute(() -> next.decided(this));
  }

  // The verdict.

  @Override
  public boolean admitted() {
    return state == State.TAKEN || state == State.BLIND;
  }

  @Override
  public int size() {
    return applied().limits.length;
  }

  @Override
  public int deciding() {
    return deciding;
  }

  @Override
  public String name(int i) {
    return definition(i).limit();
  }

  @Override
  public Kind kind(int i) {
    return definition(i).kind();
  }

  @Override
  public long limit(int i) {
    return definition(i).size();
  }

  @Override
  public long remaining(int i) {
    return applied().remaining(i);
  }

  @Override
  public long resetSeconds(int i) {
    long resetAt = applied().resetAt(i);
    if (resetAt == -1) {
      return -1;
    }
    long left = Math.max(0, resetAt - now);
    long seconds = (left + 999_999_999L) / 1_000_000_000L;
    return outcome(i) == Outcome.DENIED ? Math.max(1, seconds) : seconds;
  }

  @Override
  public long windowSeconds(int i) {
    return applied().limits[i].windowSeconds();
  }

  @Override
  public Outcome outcome(int i) {
    return switch (state) {
      case TAKEN -> Leases.isOver(marks[i]) ? applied().limits[i].whenOver() : Outcome.ADMITTED;
      case BLIND -> Outcome.ADMITTED_BLIND;
      case REFUSED_BLIND -> i == deciding ? Outcome.DENIED_BLIND : Outcome.ADMITTED;
      case REFUSED -> refusing[i] ? Outcome.DENIED : Outcome.ADMITTED;
      case IDLE, WAITING -> Outcome.DENIED;
    };
  }

  @Override
  public boolean isOver() {
    if (state == State.TAKEN) {
      for (int i = 0; i < applied().limits.length; i++) {
        if (Leases.isOver(marks[i])) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public String origin(int i) {
    return applied().limits[i].origin();
  }

  @Override
  public boolean billed(int i) {
    return applied().limits[i].billed();
  }

  @Override
  public String policyField() {
    return applied().policyField;
  }

  @Override
  public Ticket ticket() {
    return this;
  }

  private LimitDefinition definition(int i) {
    return applied().limits[i].definition();
  }

  // The ticket.

  @Override
  public boolean settle(String meter, long units) {
    if (!open) {
      return true;
    }
    AppliedLimits limits = applied();
    noteTaken(limits);
    boolean covered = true;
    for (int i = 0; i < limits.limits.length; i++) {
      if (meter.equals(limits.limits[i].meter())) {
        covered &= settle(i, units);
      }
    }
    return covered;
  }

  /** From here on what it took of each limit is what is noted, not its weight. */
  private void noteTaken(AppliedLimits limits) {
    if (!settled) {
      for (int i = 0; i < limits.size(); i++) {
        taken[i] = limits.weight(i);
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
    TenantEscrow escrow = applied().escrow;
    Counter counter = applied().counters[i];
    long mark = counter.mark();
    long covered = counter.takeUpTo(more, escrow.now());
    if (covered == more) {
      marks[i] = mark;
      return true;
    }
    escrow.owe(counter, more - covered);
    return applied().limits[i].definition().beyond();
  }

  @Override
  public boolean isSpent(String meter) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.limits.length; i++) {
      if (meter.equals(limits.limits[i].meter())
          && !limits.limits[i].definition().beyond()
          && limits.counters[i].isSpent()) {
        return true;
      }
    }
    return false;
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
    AppliedLimits limits = applied();
    if (!refund && !limits.holdsPermits) {
      return;
    }
    for (int i = 0; i < limits.limits.length; i++) {
      boolean back =
          switch (limits.limits[i].definition().kind()) {
            case CONCURRENCY -> true;
            case QUOTA -> refund;
            case RATE -> ratesToo;
          };
      if (back) {
        giveBack(i, settled ? taken[i] : limits.weight(i));
      }
    }
  }

  // Permits of calls that never end.

  /**
   * Has a call that held its permits for their time, or that no longer needs watching, looked at by
   * its own thread. From any thread: what it reads may be old, which costs a look in vain.
   */
  void look(long at, long forgetNanos) {
    AppliedLimits limits = applied;
    long nanos = open && limits != null ? limits.permitNanos : forgetNanos;
    if (at - aliveAt >= nanos) {
      call.executor().execute(() -> lapse(at, forgetNanos));
    }
  }

  /** Its permits are renewed where the call runs, and else come back. On the call's executor. */
  private void lapse(long at, long forgetNanos) {
    AppliedLimits limits = applied();
    long held = at - aliveAt;
    if (!open) {
      if (held >= forgetNanos) {
        unwatch();
      }
    } else if (held >= limits.permitNanos) {
      if (call.isRunning()) {
        aliveAt = at;
      } else if (!lapsed(limits, held)) {
        unwatch();
      }
    }
  }

  /** Whether a permit is left whose time has not come. */
  private boolean lapsed(AppliedLimits limits, long held) {
    noteTaken(limits);
    boolean left = false;
    for (int i = 0; i < limits.limits.length; i++) {
      long nanos = limits.permitNanos(i);
      if (held >= nanos && taken[i] > 0) {
        giveBack(i, taken[i]);
        taken[i] = 0;
        limits.escrow.lapsed();
      }
      left |= nanos != Long.MAX_VALUE && taken[i] > 0;
    }
    return left;
  }

  private void unwatch() {
    watched = false;
    applied().escrow.unwatch(this);
  }

  private void giveBack(int i, long units) {
    if (units > 0 && !applied().counters[i].giveBack(units, marks[i])) {
      applied().escrow.hasNews();
    }
  }
}
