package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.cell.CounterName;
import java.io.IOException;
import java.io.Serializable;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs on a member: give back what you hold unspent of these counters. */
final class RecallTask implements Callable<Boolean>, HazelcastInstanceAware, Serializable {
  private static final long serialVersionUID = 1L;

  private final transient String tenant;
  private final transient Set<CounterName> counters;
  private final long boundMillis;
  private transient @Nullable HazelcastInstance hazelcast;

  RecallTask(String tenant, Set<CounterName> counters, long boundMillis) {
    this.tenant = tenant;
    this.counters = counters;
    this.boundMillis = boundMillis;
  }

  @Override
  public void setHazelcastInstance(HazelcastInstance instance) {
    hazelcast = instance;
  }

  @Override
  public Boolean call() throws InterruptedException {
    HazelcastInstance member = hazelcast;
    if (member == null
        || !(member.getUserContext().get(LimitCluster.LIMITS) instanceof LeasedLimits limits)) {
      return false;
    }
    CompletableFuture<Boolean> returned = new CompletableFuture<>();
    limits.giveBack(tenant, counters, () -> returned.complete(true));
    try {
      return returned.get(boundMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // The units are on their way or will be; who recalled them does not wait for ever.
      return false;
    }
  }

  static void write(ObjectDataOutput out, RecallTask task) throws IOException {
    out.writeString(task.tenant);
    out.writeLong(task.boundMillis);
    WireFormat.names(out, task.counters);
  }

  static RecallTask read(ObjectDataInput in) throws IOException {
    String tenant = WireFormat.string(in);
    long bound = in.readLong();
    return new RecallTask(tenant, WireFormat.names(in), bound);
  }
}
