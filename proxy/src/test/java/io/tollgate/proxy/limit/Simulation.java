package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Nodes, an owner with a backup, drifting clocks and an unkind network, in one thread and one
 * seeded order. Everything that decides is the product's code; only time, messages and membership
 * are played.
 */
final class Simulation {
  static final long MILLI = 1_000_000L;

  /** For so long at the end calls go on in calm. */
  static final long OF_LATE = 2_000;

  /** Longer than any lease lives. */
  private static final long LASTING = 28_000;

  /** As long as owners know that cells were lost. */
  private static final long LEARNING = 2_000 * MILLI;

  /** What may go wrong. */
  enum Fault {
    /** Loss, delay and duplication of messages only. */
    NETWORK,
    /** Nodes stop for longer than a lease lives, and go on. */
    PAUSE,
    /** Nodes die with what they hold and come back under a new incarnation. */
    NODE_CRASH,
    /** Nodes leave in good order and come back under a new incarnation. */
    LEAVE,
    /** The owner dies, also between computing a grant and telling its backup. */
    OWNER_CRASH,
    /** All cells are lost at once. */
    CLUSTER_LOSS,
    /** The cluster falls in two, each side with an owner, and heals. */
    SPLIT
  }

  final SplittableRandom random;
  final Fault fault;
  final Entitlements entitlements;
  final List<SimNode> nodes = new ArrayList<>();
  final Truth truth;
  final SimRoot root;

  /** Alerts as the control plane knows them: each once, however often it was told. */
  final Set<Integer> alerts = new TreeSet<>();

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long sequence;
  private long now;
  private boolean calm;
  private long learnUntil = Long.MIN_VALUE;
  SimCluster main;

  /** Calls that passed after the last fault. */
  long servedInCalm;

  /** How its rates' buckets fare while calls go on in calm. */
  final RateWatch rate = new RateWatch();

  private long mostWaiting;

  /** Whether what is spent is spent until the world's end. */
  boolean refusalsLast;

  /** The longest call, in nanoseconds. */
  long callsLast = 50 * MILLI;

  /** Something that will happen. */
  private record Event(long at, long order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  Simulation(
      long seed, Fault fault, Entitlements entitlements, LimitSettings settings, boolean rooted) {
    this.random = new SplittableRandom(seed);
    this.fault = fault;
    this.entitlements = entitlements;
    this.truth = new Truth(entitlements);
    this.root = new SimRoot();
    this.main = new SimCluster(this, new TenantCell(), new TenantCell());
    for (int i = 0; i < 3; i++) {
      SimNode node = new SimNode(this, i, settings, rooted);
      nodes.add(node);
      main.members.add(node);
    }
    main.elect();
  }

  long now() {
    return now;
  }

  void alert(LimitAlert alert) {
    alerts.add(alert.percent());
  }

  long nowMillis() {
    return SimCluster.EPOCH + now / MILLI;
  }

  boolean isLearning() {
    return now < learnUntil;
  }

  boolean isCalm() {
    return calm;
  }

  void at(long time, Runnable what) {
    events.add(new Event(Math.max(time, now), sequence++, what));
  }

  void in(long nanos, Runnable what) {
    at(now + nanos, what);
  }

  boolean chance(int outOf1000) {
    return random.nextInt(1000) < outOf1000;
  }

  /** Plays: some seconds with faults, then calm until everything is said and done. */
  void play(long faultyMillis, long calmMillis) {
    nodes.forEach(SimNode::start);
    for (long t = 0; t < faultyMillis; t += 250) {
      at(t * MILLI, this::misfortune);
    }
    at(faultyMillis * MILLI, this::calmDown);
    runUntil((faultyMillis + calmMillis - OF_LATE) * MILLI);
    truth.calm();
    rate.begin(nowMillis());
    runUntil((faultyMillis + calmMillis) * MILLI);
    truth.silence();
    rate.end(main.cell.state(), nowMillis());
    nodes.forEach(node -> node.calling = false);
    runUntil((faultyMillis + calmMillis + 12_000) * MILLI);
  }

  private void runUntil(long end) {
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.remove();
      now = event.at();
      event.what().run();
    }
    now = end;
  }

  private void calmDown() {
    calm = true;
    heal();
    nodes.forEach(SimNode::revive);
  }

  private void misfortune() {
    if (calm || !chance(200)) {
      return;
    }
    SimNode victim = nodes.get(random.nextInt(nodes.size()));
    switch (fault) {
      case NETWORK -> {
        // The messages suffer by themselves.
      }
      case PAUSE -> {
        long millis = chance(200) ? LASTING + random.nextInt(10_000) : 500 + random.nextInt(9_000);
        victim.pause(millis * MILLI);
      }
      case NODE_CRASH -> {
        if (victim != main.owner) {
          victim.crash();
          in(random.nextInt(3_000) * MILLI, victim::revive);
        }
      }
      case LEAVE -> {
        if (victim != main.owner) {
          victim.leave((200 + random.nextInt(3_000)) * MILLI);
        }
      }
      case OWNER_CRASH -> {
        SimNode owner = main.owner;
        if (owner != null && main.members.size() == nodes.size()) {
          mayLose(main);
          owner.crash();
          in((200 + random.nextInt(3_000)) * MILLI, owner::revive);
        }
      }
      case CLUSTER_LOSS -> {
        mayLose(main);
        main.lose();
        truth.losses++;
        learnUntil = now + LEARNING;
        nodes.forEach(SimNode::hearsOfLoss);
      }
      case SPLIT -> {
        if (main.other == null) {
          split(victim);
          in(random.nextInt(5_000) * MILLI, this::heal);
        }
      }
    }
  }

  private void split(SimNode alone) {
    truth.splits++;
    mayLose(main);
    main.splitOff(alone);
  }

  private void heal() {
    SimCluster side = main.other;
    if (side != null) {
      mayLose(main, side);
    }
    main.heal();
  }

  /**
   * Cells go, or are not believed any more: the block of each may be lost, and with them what was
   * granted and is on its way to its node.
   */
  void mayLose(SimCluster... sides) {
    for (SimCluster side : sides) {
      truth.mayLose(side.block(), side.largestBlock);
    }
    truth.mayBeLost += nodes.stream().mapToLong(SimNode::unitsUnderWay).sum();
  }

  /** Whether the node waits for no answer to it any more. */
  boolean isAnswered(LeaseRequest request) {
    return nodes.stream().noneMatch(node -> node.waitsFor(request));
  }

  /** The most calls that have waited at once. */
  long mostWaiting() {
    return mostWaiting;
  }

  /** A call begins to wait. */
  void waits() {
    mostWaiting = Math.max(mostWaiting, nodes.stream().mapToLong(node -> node.waiting).sum());
  }

  /** One-way delay of a message: mostly short, sometimes long. */
  long delay() {
    return chance(30) ? random.nextLong(300 * MILLI) : random.nextLong(50_000, 3 * MILLI);
  }

  boolean loses() {
    return !calm && chance(fault == Fault.NETWORK ? 80 : 10);
  }

  boolean duplicates() {
    return !calm && chance(fault == Fault.NETWORK ? 80 : 10);
  }

  /** PostgreSQL, as the cells see it: exact, idempotent, sometimes slow or away. */
  final class SimRoot implements QuotaRoot {
    private final Map<String, QuotaBlock> blocks = new HashMap<>();
    private final Map<String, Long> granted = new HashMap<>();

    @Override
    public CompletionStage<QuotaBlock> request(QuotaBlockRequest request) {
      CompletableFuture<QuotaBlock> answer = new CompletableFuture<>();
      if (loses()) {
        truth.returnFailed(request);
        in(100 * MILLI, () -> answer.completeExceptionally(new IllegalStateException("lost")));
      } else {
        in(2 * delay(), () -> answer.complete(grant(request)));
      }
      return answer;
    }

    private QuotaBlock grant(QuotaBlockRequest request) {
      return blocks.computeIfAbsent(
          request.requestId(),
          id -> {
            long amount = truth.quotaAmount(request.quota());
            String window = request.quota() + request.windowStart();
            long out = granted.getOrDefault(window, 0L);
            out -= Math.min(request.returned(), out);
            long block = Math.min(request.units(), amount - out);
            granted.put(window, out + block);
            return new QuotaBlock(QuotaBlock.FORMAT, id, block, out + block, amount);
          });
    }
  }
}
