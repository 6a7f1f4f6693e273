package io.tollgate.proxy.limit;

import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.Kind;
import io.tollgate.proxy.limit.cell.LimitDefinition;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The answer to one {@link Call}. Reused with it. */
final class Admission implements Verdict {
  private enum State {
    IDLE,
    WAITING,
    TAKEN,
    BLIND,
    REFUSED,
    REFUSED_BLIND
  }

  private final Call call;
  private final Taken taken;
  private State state = State.IDLE;
  private @Nullable AppliedLimits applied;
  private boolean[] refusing = new boolean[8];
  private boolean runsLow;
  private int deciding = -1;
  private long now;

  // While it waits.
  private @Nullable Continuation then;
  private long waitsSince;
  private long deadline;
  private int rounds;

  Admission(Call call) {
    this.call = call;
    this.taken = new Taken(call);
  }

  void begin(AppliedLimits limits, long at) {
    applied = limits;
    now = at;
    deciding = -1;
    taken.begin(limits);
    int size = limits.size();
    if (refusing.length < size) {
      refusing = new boolean[size];
    }
  }

  /** Takes from every limit or none. */
  boolean take(long at) {
    return isTaken(applied().take(taken.marks(), at), at);
  }

  /** The same from leases granted for calls that waited. Under the tenant's monitor. */
  boolean takeGranted(long at) {
    return isTaken(applied().takeGranted(taken.marks(), at), at);
  }

  private boolean isTaken(AppliedLimits.Taking taking, long at) {
    now = at;
    if (taking == AppliedLimits.Taking.NOTHING) {
      return false;
    }
    runsLow = taking == AppliedLimits.Taking.TOOK_LOW;
    state = State.TAKEN;
    taken.hold(at);
    return true;
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
    int firstLeft = -1;
    for (int i = 0; i < limits.counters.length; i++) {
      Counter counter = limits.counters[i];
      long units = limits.weight(i);
      refusing[i] = !limits.covers(i, at) && counter.refuses(units, at);
      boolean isLeft = refusing[i] && counter.isLeftElsewhere();
      first = refusing[i] && !isLeft && first < 0 ? i : first;
      firstLeft = isLeft && firstLeft < 0 ? i : firstLeft;
    }
    if (first < 0 && firstLeft < 0) {
      return false;
    }
    if (first >= 0 && firstLeft >= 0) {
      // It is refused at any rate, and not by those of which units are left.
      for (int i = 0; i < limits.counters.length; i++) {
        refusing[i] &= !limits.counters[i].isLeftElsewhere();
      }
    }
    end(State.REFUSED, first < 0 ? firstLeft : first, at);
    return true;
  }

  /** The same but for what a recall may still bring: then the cell is to be asked. */
  boolean refusedForGood(long at) {
    return refused(at) && !(applied().counters[deciding].isLeftElsewhere() && mayRecall(at));
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
      if (limits.counters[i].root().awaitsBlock() && !limits.covers(i, at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a limit that this call lacks waits for a root that is known to be silent. */
  boolean isRootSilent(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (!limits.covers(i, at) && limits.counters[i].root().isKnownSilent(at)) {
        return true;
      }
    }
    return false;
  }

  /** It waited for a block in vain: the calls after it need not. */
  void tellRootIsSilent(long at) {
    for (Counter counter : applied().counters) {
      if (counter.root().awaitsBlock()) {
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
      taken.takeBlind(at);
    }
    Arrays.fill(refusing, false);
    end(deciding < 0 ? State.BLIND : State.REFUSED_BLIND, deciding, at);
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
      if (counter.root().mayAsk(at)) {
        counter.least =
            counter.need == 0 ? limits.weight(i) : Math.min(counter.least, limits.weight(i));
        counter.need += limits.weight(i);
      }
    }
  }

  /** Whether the cell was asked for all that this call lacks. */
  boolean wasAsked(long at) {
    AppliedLimits limits = applied();
    for (int i = 0; i < limits.counters.length; i++) {
      if (!limits.counters[i].isAsked && !limits.covers(i, at)) {
        return false;
      }
    }
    return true;
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
      case TAKEN -> taken.isOver(i) ? applied().limits[i].whenOver() : Outcome.ADMITTED;
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
        if (taken.isOver(i)) {
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
  public boolean isShadow(int i) {
    return applied().limits[i].isShadow();
  }

  @Override
  public boolean withdraw(Predicate<String> meters) {
    AppliedLimits limits = applied();
    int first = -1;
    for (int i = 0; i < limits.limits.length; i++) {
      String meter = limits.limits[i].meter();
      refusing[i] = meter != null && meters.test(meter) && taken.isSpent(i);
      first = refusing[i] && first < 0 ? i : first;
    }
    if (first < 0) {
      return false;
    }
    end(State.REFUSED, first, limits.escrow.now());
    return true;
  }

  @Override
  public String policyField() {
    return applied().policyField;
  }

  @Override
  public Ticket ticket() {
    return taken;
  }

  private LimitDefinition definition(int i) {
    return applied().limits[i].definition();
  }
}
