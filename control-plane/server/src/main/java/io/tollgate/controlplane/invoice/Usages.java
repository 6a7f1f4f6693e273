package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.util.List;
import java.util.Map;

/** Says how many units were used: the usage room's sums, or a simulation's assumption. */
public interface Usages {
  /** Units by meter, as they stand; spans without usage may be missing. */
  Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans);

  /** As {@link #units}, for good: what arrives later counts in later periods. */
  Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans);

  /** The usage room's sums. */
  static Usages of(UsageSums sums) {
    return new Usages() {
      @Override
      public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
        return sums.units(tx, spans);
      }

      @Override
      public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
        return sums.bill(tx, spans);
      }
    };
  }
}
