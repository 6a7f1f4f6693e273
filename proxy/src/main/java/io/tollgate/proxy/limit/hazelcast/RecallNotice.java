package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.tollgate.proxy.limit.cell.CounterName;
import java.io.IOException;
import java.util.Set;

/**
 * To all nodes: give back what you hold unspent of these counters; or, with no tenant, to the
 * asker: I did.
 *
 * @param asker the asking node's incarnation
 * @param number the asker's number for it
 * @param tenant whose counters; empty in the answer
 * @param counters which; none in the answer
 */
record RecallNotice(long asker, long number, String tenant, Set<CounterName> counters) {
  RecallNotice {
    counters = Set.copyOf(counters);
  }

  RecallNotice done() {
    return new RecallNotice(asker, number, "", Set.of());
  }

  boolean isDone() {
    return counters.isEmpty();
  }

  static void write(ObjectDataOutput out, RecallNotice notice) throws IOException {
    out.writeLong(notice.asker);
    out.writeLong(notice.number);
    out.writeString(notice.tenant);
    WireFormat.names(out, notice.counters);
  }

  static RecallNotice read(ObjectDataInput in) throws IOException {
    return new RecallNotice(
        in.readLong(), in.readLong(), WireFormat.string(in), WireFormat.names(in));
  }
}
