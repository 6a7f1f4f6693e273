package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.MergingValue;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import io.tollgate.proxy.limit.cell.TenantCell;
import org.jspecify.annotations.Nullable;

/**
 * After a split both sides' grants count. Hazelcast's default would throw the smaller side's away.
 */
public final class CellMerge
    implements SplitBrainMergePolicy<TenantCell, MergingValue<TenantCell>, TenantCell> {
  /** Made by Hazelcast, by name. */
  public CellMerge() {}

  @Override
  public @Nullable TenantCell merge(
      @Nullable MergingValue<TenantCell> merging, @Nullable MergingValue<TenantCell> existing) {
    TenantCell theirs = merging == null ? null : merging.getDeserializedValue();
    TenantCell ours = existing == null ? null : existing.getDeserializedValue();
    if (theirs == null || ours == null) {
      return theirs == null ? ours : theirs;
    }
    return TenantCell.merged(ours, theirs);
  }

  @Override
  public void writeData(ObjectDataOutput out) {
    // It has no state.
  }

  @Override
  public void readData(ObjectDataInput in) {
    // It has no state.
  }
}
