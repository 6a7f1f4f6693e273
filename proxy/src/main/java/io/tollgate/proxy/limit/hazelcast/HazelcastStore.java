package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.core.MultiExecutionCallback;
import com.hazelcast.map.IMap;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitStore;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The cells in a distributed map, one entry per tenant, worked on by its partition's owner. */
final class HazelcastStore implements LimitStore {
  private final HazelcastInstance hazelcast;

  /** Found when it is first needed: a client that was never connected does not find it. */
  private volatile @Nullable IMap<String, TenantCell> cells;

  private final String node;
  private final long incarnation;
  private final long boundMillis;
  private final Executor answers;
  private final Holders holders;
  private final Notices notices;
  private final Queue<Pending> open = new ConcurrentLinkedQueue<>();

  HazelcastStore(
      HazelcastInstance hazelcast,
      ClusterSettings settings,
      Holders holders,
      long incarnation,
      ScheduledExecutorService answers) {
    this.holders = holders;
    this.notices =
        new Notices(
            hazelcast, incarnation, holders, answers, settings.callTimeout().toMillis() / 4);
    this.hazelcast = hazelcast;
    this.node = settings.node();
    this.incarnation = incarnation;
    this.boundMillis = settings.callTimeout().toMillis();
    this.answers = answers;
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  @Override
  public int nodes() {
    return holders.all();
  }

  @Override
  public void lease(LeaseRequest request, Answer answer) {
    Pending pending = new Pending(answer, System.nanoTime() + 1_000_000 * boundMillis);
    open.add(pending);
    try {
      var unused =
          cells()
              .submitToKey(request.tenant(), new LeaseProcessor(request))
              .whenCompleteAsync(pending::completed, answers);
    } catch (RuntimeException e) {
      // The instance is going down, or an overload guard refused: not known is what it comes to.
      pending.completed(null, e);
    }
  }

  private IMap<String, TenantCell> cells() {
    IMap<String, TenantCell> known = cells;
    if (known == null) {
      known = hazelcast.getMap(LimitCluster.CELLS);
      cells = known;
    }
    return known;
  }

  private IExecutorService recalls() {
    return hazelcast.getExecutorService(LimitCluster.RECALLS);
  }

  /** Answers the other nodes' recalls from these limits. */
  void serve(LeasedLimits limits) {
    notices.serve(limits);
  }

  /** Asks a member how many nodes there are, which a client cannot see by itself. */
  void countHolders() {
    try {
      recalls().submit(new HoldersTask(), new Counted());
    } catch (RuntimeException e) {
      // The cluster is away: what was known holds on.
    }
  }

  private final class Counted implements ExecutionCallback<Integer> {
    @Override
    public void onResponse(Integer count) {
      if (count > 0) {
        holders.tell(count);
      }
    }

    @Override
    public void onFailure(Throwable failure) {
      // As above.
    }
  }

  /**
   * Operations past the bound count as failed. All have the same bound, so the oldest is always the
   * first; a timer for each would cost more than the operation's arithmetic.
   */
  void failOverdue() {
    long now = System.nanoTime();
    for (Pending first = open.peek();
        first != null && (first.isDone() || first.deadline - now <= 0);
        first = open.peek()) {
      open.poll();
      first.completed(null, null);
    }
  }

  /** An operation under way; answered once. */
  private static final class Pending {
    private final long deadline;
    private final AtomicReference<@Nullable Answer> answer;

    Pending(Answer answer, long deadline) {
      this.answer = new AtomicReference<>(answer);
      this.deadline = deadline;
    }

    boolean isDone() {
      return answer.get() == null;
    }

    void completed(@Nullable LeaseReply reply, @Nullable Throwable failure) {
      Answer to = answer.getAndSet(null);
      if (to == null) {
        return;
      }
      if (reply != null) {
        to.replied(reply);
      } else {
        to.failed(failure == null ? "no answer" : failure.toString());
      }
    }
  }

  @Override
  public void recall(String tenant, Set<CounterName> counters, Runnable done) {
    if (holders.areClientsAmong()) {
      notices.recall(tenant, counters, done);
      return;
    }
    List<Member> others = new ArrayList<>(hazelcast.getCluster().getMembers());
    others.removeIf(Member::localMember);
    if (others.isEmpty()) {
      answers.execute(done);
      return;
    }
    try {
      recalls()
          .submitToMembers(
              new RecallTask(tenant, counters, boundMillis / 4), others, new Returned(done));
    } catch (RuntimeException e) {
      answers.execute(done);
    }
  }

  /** All members have answered, or are gone. */
  private final class Returned implements MultiExecutionCallback {
    private final Runnable done;

    Returned(Runnable done) {
      this.done = done;
    }

    @Override
    public void onResponse(Member member, Object value) {
      // Only the whole counts.
    }

    @Override
    public void onComplete(Map<Member, Object> values) {
      answers.execute(done);
    }
  }
}
