package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Has the owner of a tenant's cells take their blocks for its own or, where it is leaving, leave
 * them to its heir. For one key at a time: its backup gets that one's state.
 */
final class ClaimProcessor
    implements EntryProcessor<String, TenantCell, LeaseReply>, HazelcastInstanceAware {
  private static final long serialVersionUID = 1L;

  private transient @Nullable HazelcastInstance hazelcast;
  private transient @Nullable LeaseBackup backup;

  @Override
  public void setHazelcastInstance(HazelcastInstance instance) {
    hazelcast = instance;
  }

  @Override
  public @Nullable LeaseReply process(Map.Entry<String, TenantCell> entry) {
    MemberOwner owner = new MemberOwner(Objects.requireNonNull(hazelcast), entry.getKey());
    TenantCell cell = entry.getValue();
    if (cell != null && cell.claim(owner)) {
      long keep = LeaseProcessor.keepMillis(cell);
      backup = owner.isAlone() ? null : new LeaseBackup(cell.state(), keep);
      LeaseProcessor.store(entry, cell, keep);
    }
    return null;
  }

  @Override
  public @Nullable EntryProcessor<String, TenantCell, LeaseReply> getBackupProcessor() {
    return backup;
  }
}
