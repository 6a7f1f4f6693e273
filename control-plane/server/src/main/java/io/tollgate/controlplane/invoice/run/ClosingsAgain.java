package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What closing invoices would have billed under another catalog: the same usage that was told late,
 * and what was paid ahead of it then. Writes nothing.
 */
record ClosingsAgain(Sources sources, ToldLate told) {
  /** A closing's bills, and what is taken off their lines. */
  record Priced(List<Bill> bills, Reduction.Rule discounts) {}

  /** When a document that claimed this was made as a closing; empty for any other. */
  static Optional<Instant> at(Collection<Draft.Claim> claims) {
    return claims.stream()
        .map(Draft.Claim::kind)
        .filter(kind -> kind.startsWith(Bill.CLOSING))
        .map(kind -> Instant.parse(kind.substring(Bill.CLOSING.length())))
        .findFirst();
  }

  /**
   * A closing priced again.
   *
   * @param end the step that ended the subscription, under the other catalog
   */
  Priced priced(Transaction tx, Bills end, Instant at) {
    Bills original = sources.bills(tx, end.revision());
    List<Bill.Closing> bills = new ArrayList<>();
    for (Bills.Stretch stretch : end.stretches()) {
      LatePart part = part(tx, end, stretch, at);
      Map<String, BigDecimal> paid =
          PaidAhead.of(tx, end.previous().id(), stretch.period(), at::equals);
      LatePart then =
          original.stretches().stream()
              .filter(other -> other.period().equals(stretch.period()))
              .findFirst()
              .map(other -> part(tx, original, other, at))
              .orElse(part);
      bills.add(part.bill(paidNow(part, then, paid, at), at, bills));
    }
    return new Priced(List.copyOf(bills), new ClosingDiscounts(sources, end, bills).again(tx, at));
  }

  private LatePart part(Transaction tx, Bills end, Bills.Stretch stretch, Instant at) {
    Subscription of = end.previous();
    Span span = new Span(of.tenant(), stretch.period());
    return LatePart.of(
        end,
        stretch,
        told.counted(tx, sources.usages(), of.id(), span, stretch, at),
        PaidAhead.of(
            tx, of.id(), stretch.period(), closing -> closing == null || closing.isBefore(at)));
  }

  /**
   * What would have been paid ahead: what the wallet gave then, but of blocks that the period left
   * there as many units as it would have left.
   */
  private static Map<String, BigDecimal> paidNow(
      LatePart part, LatePart then, Map<String, BigDecimal> paid, Instant at) {
    Map<String, BigDecimal> left = part.carried();
    Map<String, BigDecimal> leftThen = then.carried();
    Map<String, BigDecimal> now = new HashMap<>();
    for (String meter : part.late()) {
      BigDecimal gave = paid.getOrDefault(meter, BigDecimal.ZERO);
      BigDecimal blocks = leftThen.getOrDefault(meter, BigDecimal.ZERO);
      boolean isAll = gave.compareTo(then.prepayable(at).prepayable(meter).getFirst()) >= 0;
      // Where it could not give all, others have used the rest of what was left.
      BigDecimal gone = isAll ? BigDecimal.ZERO : blocks.subtract(gave).max(BigDecimal.ZERO);
      BigDecimal there = left.getOrDefault(meter, BigDecimal.ZERO).subtract(gone);
      BigDecimal most = gave.subtract(blocks).max(BigDecimal.ZERO).add(there.max(BigDecimal.ZERO));
      now.put(meter, most.min(part.prepayable(at).prepayable(meter).getFirst()));
    }
    return now;
  }
}
