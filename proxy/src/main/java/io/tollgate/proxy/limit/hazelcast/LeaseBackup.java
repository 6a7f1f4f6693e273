package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.TenantCell;
import io.tollgate.proxy.limit.cell.TenantState;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state an owner computed, on its way into a backup. */
final class LeaseBackup implements EntryProcessor<String, TenantCell, LeaseReply> {
  private static final long serialVersionUID = 1L;

  private final transient TenantState touched;
  private final long keepMillis;

  LeaseBackup(TenantState touched, long keepMillis) {
    this.touched = touched;
    this.keepMillis = keepMillis;
  }

  @Override
  public @Nullable LeaseReply process(Map.Entry<String, TenantCell> entry) {
    TenantCell cell = entry.getValue();
    if (cell == null) {
      cell = new TenantCell();
    }
    cell.take(touched);
    cell.forget();
    LeaseProcessor.store(entry, cell, keepMillis);
    return null;
  }

  static void write(ObjectDataOutput out, LeaseBackup backup) throws IOException {
    WireFormat.state(out, backup.touched);
    out.writeLong(backup.keepMillis);
  }

  static LeaseBackup read(ObjectDataInput in) throws IOException {
    return new LeaseBackup(WireFormat.state(in), in.readLong());
  }
}
