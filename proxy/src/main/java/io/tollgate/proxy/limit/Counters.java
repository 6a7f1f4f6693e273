package io.tollgate.proxy.limit;

import io.tollgate.contract.Scope;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's counters on this node, and which of them its cell should hear from. A request costs
 * what the calls and the news cost that it is about, however many counters there are beside.
 * Guarded by the tenant's escrow.
 */
final class Counters {
  /** So few are looked through for each request: what comes along need not ask by itself soon. */
  private static final int FEW = 16;

  /** Lines of a request at most; the rest goes with the next one. */
  private static final int LINES = 1_000;

  /** So many are swept at a time, between which calls are served. */
  static final int SLICE = 4_096;

  /** A key silent for so long is forgotten. */
  static final long RETIRE_NANOS = 90_000_000_000L;

  private final TenantEscrow escrow;
  private Map<CounterName, Counter> byName = new HashMap<>(8);

  /** All of them, the one to be swept next first. */
  private ArrayDeque<Counter> round = new ArrayDeque<>(4);

  /** Those that may have something to say, each once. */
  private ArrayDeque<Counter> noted = new ArrayDeque<>(4);

  /** How many there have been since the tables were last made. */
  private int most;

  Counters(TenantEscrow escrow) {
    this.escrow = escrow;
  }

  @Nullable Counter find(CounterName name) {
    return byName.get(name);
  }

  int size() {
    return byName.size();
  }

  Set<CounterName> names() {
    return Set.copyOf(byName.keySet());
  }

  /** Units that may be spent without asking. */
  long available() {
    return byName.values().stream().mapToLong(Counter::available).sum();
  }

  void forEach(Consumer<Counter> what) {
    byName.values().forEach(what);
  }

  /** The counters of limits that apply together; leases of new ones lie side by side. */
  Counter[] of(CompiledLimit[] limits, String keyId, LimitSet present) {
    Counter[] found = new Counter[limits.length];
    int known = 0;
    for (CompiledLimit limit : limits) {
      known += byName.containsKey(name(limit, keyId)) ? 1 : 0;
    }
    long[] words = Leases.closed(limits.length - known);
    int at = 0;
    for (int i = 0; i < limits.length; i++) {
      CompiledLimit limit = limits[i];
      CounterName name = name(limit, keyId);
      Counter counter = byName.get(name);
      if (counter == null) {
        counter = new Counter(escrow, name, words, at, limit.definition());
        counter.isOfKey = limit.scope().kind() == Scope.Kind.KEY;
        byName.put(name, counter);
        round.add(counter);
        most = Math.max(most, byName.size());
        at += Leases.WIDTH;
      }
      // A set compiled before the last change may look its counters up after it.
      if (limit.equals(present.limit(limit.definition().limit()))) {
        counter.redefine(limit.definition());
      }
      found[i] = counter;
    }
    return found;
  }

  private static CounterName name(CompiledLimit limit, String keyId) {
    return CounterName.of(limit.definition().limit(), limit.counter(keyId));
  }

  /** Newer entitlements: leases under changed definitions go back. */
  void renew(LimitSet next) {
    byName.values().removeIf(counter -> isOfAnotherKind(counter, next));
    for (Counter counter : byName.values()) {
      CompiledLimit limit = next.limit(counter.name.limit());
      if (limit == null) {
        counter.giveLeaseBack();
      } else {
        counter.redefine(limit.definition());
      }
    }
  }

  /** A limit that changed its kind has nothing in common with what it was. */
  private static boolean isOfAnotherKind(Counter counter, LimitSet in) {
    CompiledLimit limit = in.limit(counter.name.limit());
    boolean is = limit != null && limit.definition().kind() != counter.definition().kind();
    if (is) {
      counter.forget();
    }
    return is;
  }

  /** No lease stays open. */
  void giveLeasesBack() {
    for (Counter counter : byName.values()) {
      if (counter.isLeaseOpen()) {
        counter.giveLeaseBack();
      }
    }
  }

  // What the cell should hear of.

  /** The cell may have to hear from the counters of a call. */
  void note(Admission admission) {
    for (Counter counter : admission.applied().counters) {
      note(counter);
    }
  }

  /** The cell may have to hear from a counter. */
  void note(Counter counter) {
    if (!counter.isNoted) {
      counter.isNoted = true;
      noted.add(counter);
    }
  }

  /** The cell is to hear from a counter. */
  void noteDue(Counter counter) {
    counter.isDue = true;
    note(counter);
  }

  boolean areNoneNoted() {
    return noted.isEmpty();
  }

  /** Whether the cell has to hear from one; if it has not, nothing is noted any more. */
  boolean isOneDue(long now) {
    boolean isDue = false;
    for (Counter counter : candidates()) {
      if (counter.need > 0 && counter.holdsAt(now)) {
        counter.need = Math.max(0, counter.need - counter.available());
      }
      counter.isDue |= counter.need > 0 || counter.hasNews(now);
      isDue |= counter.isDue;
    }
    if (!isDue) {
      candidates().forEach(counter -> counter.need = 0);
      dropNotes();
    }
    return isDue;
  }

  private Collection<Counter> candidates() {
    return byName.size() <= FEW ? byName.values() : noted;
  }

  private void dropNotes() {
    noted.forEach(counter -> counter.isNoted = false);
    noted.clear();
  }

  /**
   * A line for each counter that is due, and for those that would soon be due alone.
   *
   * @param asked gets the counters of the lines
   */
  List<LeaseRequest.Item> report(long now, LimitSettings settings, List<Counter> asked) {
    List<LeaseRequest.Item> lines = new ArrayList<>(Math.min(LINES, candidates().size()));
    if (byName.size() <= FEW) {
      dropNotes();
      byName.values().forEach(counter -> report(counter, now, settings, asked, lines));
      return lines;
    }
    while (!noted.isEmpty() && lines.size() < LINES) {
      Counter counter = noted.remove();
      counter.isNoted = false;
      report(counter, now, settings, asked, lines);
    }
    noted.forEach(counter -> counter.need = 0);
    return lines;
  }

  private static void report(
      Counter counter,
      long now,
      LimitSettings settings,
      List<Counter> asked,
      List<LeaseRequest.Item> lines) {
    if (counter.isDue || counter.comesAlong(now)) {
      counter.isDue = false;
      counter.isAsked = true;
      asked.add(counter);
      lines.add(counter.report(now, settings));
    }
    counter.need = 0;
  }

  // What is due from time to time.

  /**
   * Sweeps the next so many counters, and forgets keys that have long been silent.
   *
   * @param forgotten told of their ids
   * @return whether all of them are silent and have nothing to say
   */
  boolean sweep(int count, long now, long idleNanos, Consumer<String> forgotten) {
    boolean silent = true;
    for (int i = 0; i < count && !round.isEmpty(); i++) {
      Counter counter = round.remove();
      if (counter.isForgotten()) {
        continue;
      }
      if (counter.sweep(now, idleNanos) || (counter.isUnheard() && escrow.mayAnnounceAgain())) {
        noteDue(counter);
      }
      boolean isSilent = counter.isSilent(now, RETIRE_NANOS) && !counter.isDue;
      silent &= isSilent;
      if (isSilent && counter.isOfKey && !counter.name.counter().isEmpty()) {
        counter.forget();
        byName.remove(counter.name);
        forgotten.accept(counter.name.counter());
      } else {
        round.add(counter);
      }
    }
    shrink();
    return silent;
  }

  /** Tables that grew for many keys do not stay when the keys are gone. */
  private void shrink() {
    if (most > SLICE && byName.size() < most / 4) {
      most = byName.size();
      byName = new HashMap<>(byName);
      round = new ArrayDeque<>(round);
      noted = new ArrayDeque<>(noted);
    }
  }
}
