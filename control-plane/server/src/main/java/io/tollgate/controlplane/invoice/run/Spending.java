package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.rating.Fees;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Spends what was paid ahead on the parts of an ended period, in their order. What a part leaves of
 * blocks that its usage bought pays for the usage of the next part, whatever plan rates that; what
 * the last part leaves is carried over to the next period. Pure.
 *
 * @param paid by part, how many units of each meter are paid for
 * @param left units of blocks that are carried over, by meter
 */
record Spending(List<Map<String, BigDecimal>> paid, Map<String, BigDecimal> left) {
  Spending {
    paid = List.copyOf(paid);
    left = Map.copyOf(left);
  }

  /** As it was spent, where the period is billed once more. */
  static Spending again(
      Prepaid.Ended ended, Map<PaidAhead.Of, Map<String, BigDecimal>> paidBefore) {
    String of = ended.subscription().id();
    return new Spending(
        ended.parts().stream()
            .map(part -> new PaidAhead.Of(of, part.period()))
            .map(part -> paidBefore.getOrDefault(part, Map.of()))
            .toList(),
        Map.of());
  }

  /**
   * Spends what a wallet gave.
   *
   * @param drawn by meter, at most what the parts may be paid of it
   */
  static Spending of(Prepaid.Ended ended, Map<String, BigDecimal> drawn) {
    Map<String, BigDecimal> wallet = new HashMap<>(drawn);
    Map<String, BigDecimal> blocks = new TreeMap<>();
    List<Map<String, BigDecimal>> paid = new ArrayList<>();
    for (int i = 0; i < ended.parts().size(); i++) {
      Prepaid.Part part = ended.parts().get(i);
      Fees fees = new Fees(part.catalog(), ended.subscription());
      boolean last = i == ended.parts().size() - 1;
      Map<String, BigDecimal> own = new HashMap<>();
      Set<String> meters = new TreeSet<>(wallet.keySet());
      meters.addAll(blocks.keySet());
      for (String meter : meters) {
        BigDecimal units = part.units().getOrDefault(meter, BigDecimal.ZERO);
        BigDecimal most = fees.prepayable(part.period(), meter, units);
        BigDecimal there = wallet.getOrDefault(meter, BigDecimal.ZERO);
        BigDecimal drawnHere = last ? there : there.min(most);
        BigDecimal bought = blocks.getOrDefault(meter, BigDecimal.ZERO);
        BigDecimal takenHere = bought.min(most.subtract(drawnHere).max(BigDecimal.ZERO));
        wallet.put(meter, there.subtract(drawnHere));
        blocks.put(meter, bought.subtract(takenHere));
        own.put(meter, drawnHere.add(takenHere));
      }
      paid.add(own);
      fees.carriedOver(part.period(), part.units(), own)
          .forEach((meter, units) -> blocks.merge(meter, units, BigDecimal::add));
    }
    return new Spending(paid, blocks);
  }
}
