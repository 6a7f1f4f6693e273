package io.tollgate.proxy.limit;

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
  private @Nullable TenantEscrow escrow;
  private Lease[] leases = new Lease[8];
  private boolean[] refusing = new boolean[8];
  private long[] taken = new long[8];
  private boolean settled;
  private boolean open;
  private int deciding = -1;
  private long now;

  // While it waits.
  private @Nullable Continuation then;
  private long deadline;
  private int rounds;

  Admission(Call call) {
    this.call = call;
  }

  void begin(TenantEscrow itsEscrow, AppliedLimits limits, long at) {
    applied = limits;
    escrow = itsEscrow;
    now = at;
    deciding = -1;
    settled = false;
    int size = limits.limits.length;
    if (leases.length < size) {
      leases = new Lease[size];
      refusing = new boolean[size];
      taken = new long[size];
    }
  }

  /** Takes from every limit or none. */
  boolean take(long at, boolean justGranted) {
    now = at;
    if (!applied().take(leases, at, justGranted)) {
      return false;
    }
    state = State.TAKEN;
    open = true;
    return true;
  }

  boolean runsLow() {
    return applied().runningLow(leases) >= 0;
  }

  /** Marks the limits known to refuse this call now; whether there is one. */
  boolean refused(long at) {
    AppliedLimits limits = applied();
    int first = -1;
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      long units = limits.weights[i];
      refusing[i] = !covers(counter.lease(), units, at) && counter.refuses(units, at);
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
      first = covers(limits.counters[i].lease(), limits.weights[i], at) ? first : i;
    }
    Arrays.fill(refusing, false);
    end(State.REFUSED_BLIND, first, at);
  }

  /** Whether a limit that this call lacks waits for a block of its root. */
  boolean awaitsBlock(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (limits.counters[i].awaitsBlock()
          && !covers(limits.counters[i].lease(), limits.weights[i], at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a limit that this call lacks waits for a root that is known to be silent. */
  boolean isRootSilent(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (!covers(limits.counters[i].lease(), limits.weights[i], at)
          && limits.counters[i].isRootSilent(at)) {
        return true;
      }
    }
    return false;
  }

  /** It waited for a block in vain: the calls after it need not. */
  void tellRootIsSilent(long at) {
    for (Counter counter : applied().counters) {
      if (counter.awaitsBlock()) {
        counter.rootIsSilent(at);
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
              || covers(counter.lease(), limits.weights[i], at)
              || switch (policy) {
                case OPEN -> true;
                case CLOSED -> false;
                case FAIR_SHARE -> counter.takeFairShare(limits.weights[i], nodes, at);
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
  private static void countBlind(AppliedLimits limits, long at) {
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      Lease lease = counter.lease();
      boolean taken = lease.holdsAt(at) && lease.take(limits.weights[i]) >= 0;
      if (!taken && limits.limits[i].definition().kind() == Kind.QUOTA) {
        counter.owe(limits.weights[i]);
      }
    }
  }

  private void end(State with, int decidingLimit, long at) {
    state = with;
    deciding = decidingLimit;
    now = at;
  }

  private static boolean covers(Lease lease, long units, long at) {
    return lease.holdsAt(at) && lease.available() >= units;
  }

  // While it waits.

  void await(Continuation continuation, long until) {
    state = State.WAITING;
    then = continuation;
    deadline = until;
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
            counter.need == 0 ? limits.weights[i] : Math.min(counter.least, limits.weights[i]);
        counter.need += limits.weights[i];
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
    Counter counter = applied().counters[i];
    Lease lease = counter.lease();
    return counter.remaining() + (lease.over ? 0 : lease.available());
  }

  @Override
  public long resetSeconds(int i) {
    long resetAt = applied().counters[i].resetAt();
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
      case TAKEN -> leases[i].over ? applied().limits[i].whenOver() : Outcome.ADMITTED;
      case BLIND -> Outcome.ADMITTED_BLIND;
      case REFUSED_BLIND -> i == deciding ? Outcome.DENIED_BLIND : Outcome.ADMITTED;
      case REFUSED -> refusing[i] ? Outcome.DENIED : Outcome.ADMITTED;
      case IDLE, WAITING -> Outcome.DENIED;
    };
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
    if (!settled) {
      System.arraycopy(limits.weights, 0, taken, 0, limits.weights.length);
      settled = true;
    }
    boolean covered = true;
    for (int i = 0; i < limits.limits.length; i++) {
      if (meter.equals(limits.limits[i].meter())) {
        covered &= settle(i, units);
      }
    }
    return covered;
  }

  private boolean settle(int i, long units) {
    long more = units - taken[i];
    taken[i] = units;
    if (more <= 0) {
      giveBack(i, -more);
      return true;
    }
    TenantEscrow itsEscrow = Objects.requireNonNull(escrow);
    Counter counter = applied().counters[i];
    Lease lease = counter.lease();
    long covered = lease.holdsAt(itsEscrow.now()) ? lease.takeUpTo(more) : 0;
    if (covered == more) {
      leases[i] = lease;
      return true;
    }
    itsEscrow.owe(counter, more - covered);
    return applied().limits[i].definition().beyond();
  }

  @Override
  public void keep() {
    end(false);
  }

  @Override
  public void refund() {
    end(true);
  }

  private void end(boolean refund) {
    if (!open) {
      return;
    }
    open = false;
    AppliedLimits limits = applied();
    if (!refund && !limits.holdsPermits) {
      return;
    }
    for (int i = 0; i < limits.limits.length; i++) {
      if (refund || limits.limits[i].definition().kind() == Kind.CONCURRENCY) {
        giveBack(i, settled ? taken[i] : limits.weights[i]);
      }
    }
  }

  private void giveBack(int i, long units) {
    if (units == 0) {
      return;
    }
    if (definition(i).kind() == Kind.RATE) {
      leases[i].refundToBucket(units);
    } else if (!leases[i].giveBack(units)) {
      applied().counters[i].returnLate(leases[i].windowStart, units);
    }
  }
}
