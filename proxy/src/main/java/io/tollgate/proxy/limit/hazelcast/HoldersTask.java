package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Runs on a member: how many nodes may hold leases? 0 where it does not know. */
final class HoldersTask implements Callable<Integer>, HazelcastInstanceAware, Serializable {
  private static final long serialVersionUID = 1L;

  private transient @Nullable HazelcastInstance hazelcast;

  @Override
  public void setHazelcastInstance(HazelcastInstance instance) {
    hazelcast = instance;
  }

  @Override
  public Integer call() {
    HazelcastInstance member = hazelcast;
    return member != null
            && member.getUserContext().get(LimitCluster.HOLDERS) instanceof Holders holders
        ? holders.all()
        : 0;
  }

  static void write(ObjectDataOutput out, HoldersTask task) {
    // It asks nothing in particular.
  }

  static HoldersTask read(ObjectDataInput in) {
    return new HoldersTask();
  }
}
