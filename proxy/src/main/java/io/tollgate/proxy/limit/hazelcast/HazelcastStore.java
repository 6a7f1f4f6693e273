package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.core.MultiExecutionCallback;
import com.hazelcast.map.IMap;
import io.tollgate.proxy.limit.LeaseReply;
import io.tollgate.proxy.limit.LeaseRequest;
import io.tollgate.proxy.limit.LimitStore;
import io.tollgate.proxy.limit.TenantCell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The cells in a distributed map, one entry per tenant, worked on by its partition's owner. */
final class HazelcastStore implements LimitStore {
  private final HazelcastInstance hazelcast;
  private final IMap<String, TenantCell> cells;
  private final IExecutorService recalls;
  private final String node;
  private final long incarnation;
  private final long boundMillis;
  private final Executor answers;

  HazelcastStore(
      HazelcastInstance hazelcast, ClusterSettings settings, long incarnation, Executor answers) {
    this.hazelcast = hazelcast;
    this.cells = hazelcast.getMap(LimitCluster.CELLS);
    this.recalls = hazelcast.getExecutorService(LimitCluster.RECALLS);
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
    return hazelcast.getCluster().getMembers().size();
  }

  @Override
  public void lease(LeaseRequest request, Answer answer) {
    try {
      var unused =
          cells
              .submitToKey(request.tenant(), new LeaseProcessor(request))
              .toCompletableFuture()
              .copy()
              .orTimeout(boundMillis, TimeUnit.MILLISECONDS)
              .whenCompleteAsync((reply, failure) -> answer(answer, reply, failure), answers);
    } catch (RuntimeException e) {
      // The instance is going down, or an overload guard refused: not known is what it comes to.
      answer.failed(e.toString());
    }
  }

  private static void answer(
      Answer answer, @Nullable LeaseReply reply, @Nullable Throwable failure) {
    if (reply != null) {
      answer.replied(reply);
    } else {
      answer.failed(failure == null ? "no answer" : failure.toString());
    }
  }

  @Override
  public void recall(String tenant, Set<CounterName> counters, Runnable done) {
    List<Member> others = new ArrayList<>(hazelcast.getCluster().getMembers());
    others.removeIf(Member::localMember);
    if (others.isEmpty()) {
      answers.execute(done);
      return;
    }
    try {
      recalls.submitToMembers(
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
