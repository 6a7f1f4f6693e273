package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlock;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.Owner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One proxy: its escrow, its clock, its callers, and its share in the cluster. */
final class SimNode implements Owner {
  /** As long as a recall is waited for at most. */
  private static final long RECALL_MILLIS = 60;

  private static final long SELDOM_MILLIS = 200;

  /** Until its clock, which may be slow, and its ticks have told all calls that they waited. */
  private static final long DRAIN = 30 * Simulation.MILLI;

  /** As long as a proxy that stops waits for its leases to be back. */
  private static final long LEAVING = 2_000 * Simulation.MILLI;

  private final Simulation world;
  private final int number;
  private final LimitSettings settings;
  private final boolean rooted;
  private final long clockOffset;
  private final long driftPerMille;
  private final int callEveryMillis;
  private int life;
  private long pausedUntil;

  /** Whether the last call was told that nothing is left. */
  private boolean isRefused;

  /** Calls that wait for their answer. */
  int waiting;

  /** Units of grants that are on their way, by the request's number. */
  private final Map<Long, Long> underWay = new HashMap<>();

  /** The last request it sent, and the last whose answer it has. */
  private long asked;

  private long answered;

  /** Recalls that it waits for. */
  private int recalling;

  @Nullable LeasedLimits limits;
  SimCluster cluster;
  boolean calling = true;

  SimNode(Simulation world, int number, LimitSettings settings, boolean rooted) {
    this.world = world;
    this.number = number;
    this.settings = settings;
    this.rooted = rooted;
    this.cluster = world.main;
    this.clockOffset = world.random.nextLong(Long.MAX_VALUE / 4);
    this.driftPerMille = world.random.nextInt(-50, 51);
    this.callEveryMillis = 1 + world.random.nextInt(20);
  }

  // As an owner.

  @Override
  public String id() {
    return number + "." + life;
  }

  @Override
  public long nowMillis() {
    return world.nowMillis();
  }

  @Override
  public int nodes() {
    return cluster.members.size();
  }

  @Override
  public boolean isLearning() {
    return world.isLearning();
  }

  @Override
  public boolean isMember(String id) {
    return cluster.members.stream().anyMatch(node -> node.id().equals(id));
  }

  // As a node.

  void start() {
    life++;
    limits =
        new LeasedLimits(
            new Store(life),
            settings,
            this::clock,
            rooted ? new BlockOrders("sim", root(life)) : null,
            this::alert);
    int mine = life;
    every(10, mine, () -> live().tick());
    every(500, mine, () -> live().sweep());
    callAgain(mine);
  }

  /** The way to the root: whoever is gone hears no answer. */
  private QuotaRoot root(int inLife) {
    return request -> {
      CompletableFuture<QuotaBlock> heard = new CompletableFuture<>();
      var unused =
          world
              .root
              .request(request)
              .whenComplete(
                  (block, failure) ->
                      when(
                          world.now(),
                          inLife,
                          () -> {
                            if (block != null) {
                              heard.complete(block);
                            } else {
                              heard.completeExceptionally(failure);
                            }
                          }));
      return heard;
    };
  }

  /** Told until it has arrived, as long as the node lives. */
  private void alert(LimitAlert alert) {
    int mine = life;
    if (world.loses()) {
      when(world.now() + 300 * Simulation.MILLI, mine, () -> alert(alert));
      return;
    }
    world.in(
        world.delay(),
        () -> {
          world.alert(alert);
          when(world.now() + world.delay(), mine, () -> live().known(alert));
        });
  }

  /**
   * In good order, as a proxy that stops: it takes no more calls and ends those it has, says all
   * there is to say, waits until that has arrived, for some seconds at most, and is gone.
   */
  void leave(long backAfter) {
    if (limits == null || !calling) {
      return;
    }
    calling = false;
    int mine = life;
    Runnable gone =
        () -> {
          crash();
          calling = true;
          world.in(backAfter, this::revive);
        };
    long drained = world.now() + settings.answerWithin().toNanos() + DRAIN + world.callsLast;
    when(
        drained,
        mine,
        () -> {
          var unused = live().leave().thenRun(() -> when(world.now(), mine, gone));
          when(world.now() + LEAVING, mine, gone);
        });
  }

  /** Cells were lost: it says which permits it holds, when it hears of it. */
  void hearsOfLoss() {
    when(world.now() + world.delay(), life, () -> live().cellsLost());
  }

  void crash() {
    if (limits != null) {
      limits = null;
      pausedUntil = 0;
      waiting = 0;
      underWay.clear();
      asked = 0;
      answered = 0;
      recalling = 0;
      cluster.members.remove(this);
      cluster.elect();
    }
  }

  void revive() {
    if (limits == null) {
      if (cluster != world.main && cluster.members.isEmpty()) {
        cluster = world.main;
      }
      start();
      cluster.members.add(this);
      cluster.elect();
    }
  }

  void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, world.now() + nanos);
  }

  /** Whether it has not heard the answer to it yet. */
  boolean waitsFor(LeaseRequest request) {
    return request.node().equals("n" + number)
        && request.incarnation() == life
        && request.sequence() > answered;
  }

  /** Units granted to it that it does not know of yet. */
  long unitsUnderWay() {
    return underWay.values().stream().mapToLong(Long::longValue).sum();
  }

  private LeasedLimits live() {
    if (limits == null) {
      throw new IllegalStateException("dead");
    }
    return limits;
  }

  private long clock() {
    return clockOffset + world.now() + world.now() / 1000 * driftPerMille;
  }

  /** Runs in this life, when the node is awake. */
  private void when(long at, int inLife, Runnable what) {
    world.at(
        at,
        () -> {
          if (life != inLife || limits == null) {
            return;
          }
          if (world.now() < pausedUntil) {
            when(pausedUntil, inLife, what);
          } else {
            what.run();
          }
        });
  }

  private void every(long millis, int inLife, Runnable what) {
    long jitter = 1 + world.random.nextLong(millis * Simulation.MILLI);
    when(
        world.now() + millis * Simulation.MILLI / 2 + jitter,
        inLife,
        () -> {
          what.run();
          every(millis, inLife, what);
        });
  }

  /** At its pace; seldom where it has been told in the calm that nothing is left. */
  private void callAgain(int inLife) {
    long millis =
        world.isCalm() && isRefused && world.refusalsLast ? SELDOM_MILLIS : callEveryMillis;
    long jitter = 1 + world.random.nextLong(millis * Simulation.MILLI);
    when(
        world.now() + millis * Simulation.MILLI / 2 + jitter,
        inLife,
        () -> {
          call();
          callAgain(inLife);
        });
  }

  private void call() {
    if (!calling) {
      return;
    }
    int burst = world.chance(50) ? 10 : 1;
    for (int i = 0; i < burst; i++) {
      oneCall();
    }
  }

  private void oneCall() {
    int mine = life;
    long began = world.now();
    boolean[] answered = new boolean[1];
    waiting++;
    world.waits();
    Call call = new Call(Runnable::run).prepare(world.entitlements, "", Sample.ONE_CALL);
    live()
        .admit(
            call,
            verdict -> {
              if (answered[0]) {
                throw new AssertionError("answered twice");
              }
              answered[0] = true;
              waiting -= life == mine ? 1 : 0;
              answered(verdict, mine, began);
            });
    if (!answered[0] && asked <= this.answered && recalling == 0) {
      world.truth.unasked++;
    }
  }

  private void answered(Verdict verdict, int inLife, long began) {
    long millis = (world.now() - Math.max(began, pausedUntil)) / Simulation.MILLI;
    world.truth.slowestMillis = Math.max(world.truth.slowestMillis, millis);
    isRefused = verdict.deciding() >= 0 && verdict.outcome(verdict.deciding()) == Outcome.DENIED;
    if (!verdict.admitted()) {
      boolean blind = verdict.outcome(verdict.deciding()) == Outcome.DENIED_BLIND;
      world.truth.blind += blind ? 1 : 0;
      world.truth.denied += blind ? 0 : 1;
      return;
    }
    world.servedInCalm += world.isCalm() ? 1 : 0;
    String by = number + "." + inLife;
    Truth.Admitted call = world.truth.admitted(by, world.nowMillis());
    boolean refund = world.chance(100);
    long lasts = world.random.nextLong(world.callsLast);
    world.at(
        world.now() + lasts,
        () -> {
          if (life == inLife && limits != null) {
            world.truth.ended(call, refund);
            if (refund) {
              verdict.ticket().refund();
            } else {
              verdict.ticket().keep();
            }
          } else {
            world.truth.ended(call, false);
          }
        });
  }

  /** The way to the cell: late, lost, twice. */
  private final class Store implements LimitStore {
    private final int inLife;

    Store(int inLife) {
      this.inLife = inLife;
    }

    @Override
    public String node() {
      return "n" + number;
    }

    @Override
    public long incarnation() {
      return inLife;
    }

    @Override
    public int nodes() {
      return cluster.members.size();
    }

    @Override
    public void lease(LeaseRequest request, Answer answer) {
      asked = Math.max(asked, request.sequence());
      if (world.loses()) {
        fail(answer);
        return;
      }
      world.in(world.delay(), () -> arrive(request, answer));
      if (world.duplicates()) {
        world.in(world.delay() * 3, () -> arrive(request, answer));
      }
    }

    private void arrive(LeaseRequest request, Answer answer) {
      SimNode owner = cluster.owner;
      if (owner != null && world.now() < owner.pausedUntil) {
        world.at(owner.pausedUntil, () -> arrive(request, answer));
        return;
      }
      LeaseReply reply = cluster.work(request);
      if (reply != null && life == inLife && waitsFor(request)) {
        underWay.put(
            request.sequence(), reply.grants().stream().mapToLong(LeaseReply.Grant::granted).sum());
      }
      if (reply == null || world.loses()) {
        fail(answer);
      } else {
        when(world.now() + world.delay(), inLife, () -> arrived(reply, answer));
      }
    }

    private void arrived(LeaseReply reply, Answer answer) {
      answered = Math.max(answered, reply.sequence());
      underWay.keySet().removeIf(sequence -> sequence <= reply.sequence());
      answer.replied(reply);
    }

    private void fail(Answer answer) {
      when(world.now() + 100 * Simulation.MILLI, inLife, () -> answer.failed("lost"));
    }

    @Override
    public void recall(String tenant, Set<CounterName> counters, Runnable done) {
      List<SimNode> others = cluster.members.stream().filter(n -> n != SimNode.this).toList();
      int[] missing = {others.size()};
      recalling++;
      Runnable finish =
          () -> {
            if (missing[0] > 0) {
              missing[0] = 0;
              recalling -= life == inLife ? 1 : 0;
              done.run();
            }
          };
      Runnable answered =
          () -> {
            if (missing[0] == 1) {
              finish.run();
            } else {
              missing[0]--;
            }
          };
      for (SimNode node : others) {
        if (!world.loses()) {
          int theirs = node.life;
          node.when(
              world.now() + world.delay(),
              theirs,
              () ->
                  node.live()
                      .giveBack(
                          tenant,
                          counters,
                          () -> when(world.now() + world.delay(), inLife, answered)));
        }
      }
      when(world.now() + RECALL_MILLIS * Simulation.MILLI, inLife, finish);
    }
  }
}
