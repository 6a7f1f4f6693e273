package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.ExtendedMapEntry;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One lease request at work on its tenant's cells, on the owner's partition thread: no I/O, nothing
 * blocks. Backups get the state it computed, not the request: their clocks differ.
 */
final class LeaseProcessor
    implements EntryProcessor<String, TenantCell, LeaseReply>, HazelcastInstanceAware {
  private static final long serialVersionUID = 1L;

  /** Beyond what the cells ask for, so that a repeated request still finds its session. */
  private static final long KEEP_MILLIS = 300_000;

  private final transient LeaseRequest request;
  private transient @Nullable HazelcastInstance hazelcast;
  private transient @Nullable LeaseBackup backup;

  LeaseProcessor(LeaseRequest request) {
    this.request = request;
  }

  LeaseRequest request() {
    return request;
  }

  @Override
  public void setHazelcastInstance(HazelcastInstance instance) {
    hazelcast = instance;
  }

  @Override
  public LeaseReply process(Map.Entry<String, TenantCell> entry) {
    MemberOwner owner = new MemberOwner(Objects.requireNonNull(hazelcast), entry.getKey());
    TenantCell cell = entry.getValue();
    if (cell == null) {
      owner.missing();
      cell = new TenantCell();
    }
    LeaseReply reply = cell.apply(request, owner);
    long keep = keepMillis(cell);
    // Alone there is no backup; who joins gets the cells whole, and only then is one.
    backup = owner.isAlone() ? null : new LeaseBackup(cell.touchedBy(request), keep);
    store(entry, cell, keep);
    return reply;
  }

  @Override
  public @Nullable EntryProcessor<String, TenantCell, LeaseReply> getBackupProcessor() {
    return backup;
  }

  static long keepMillis(TenantCell cell) {
    cell.forget();
    long keep = cell.keepMillis();
    return keep == Long.MAX_VALUE ? keep : keep + KEEP_MILLIS;
  }

  /** Stores the cells for as long as they say anything: an idle tenant costs no memory. */
  static void store(Map.Entry<String, TenantCell> entry, TenantCell cell, long keepMillis) {
    if (entry instanceof ExtendedMapEntry<String, TenantCell> extended
        && keepMillis != Long.MAX_VALUE) {
      extended.setValue(cell, keepMillis, TimeUnit.MILLISECONDS);
    } else {
      entry.setValue(cell);
    }
  }
}
