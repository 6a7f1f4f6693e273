package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A last period, or the part of it that one plan rated, as it was billed and with what was told of
 * it since. Pure; closing invoices and simulations of them price it alike.
 *
 * @param end the step that ended the subscription
 * @param of the part
 * @param before what was used as it was billed, and paid ahead of that
 * @param after what was used in all; nothing is paid of what was told since
 * @param late the meters of which something was told since
 */
record LatePart(
    Bills end, Bills.Stretch of, Bills.Used before, Bills.Used after, Set<String> late) {
  LatePart {
    late = Set.copyOf(late);
  }

  /**
   * What was counted of a part, by meter.
   *
   * @param whole in all
   * @param transactions each one's units in their order, of the meters that keep them
   * @param late what of them was told since it was billed
   */
  record Counted(
      Map<String, Long> whole, Map<String, List<Long>> transactions, Map<String, Waiting> late) {}

  /**
   * The part of what was counted.
   *
   * @param paid ahead of what was billed before, by meter
   */
  static LatePart of(Bills end, Bills.Stretch of, Counted counted, Map<String, BigDecimal> paid) {
    Catalog catalog = of.fees().catalog();
    Map<String, BigDecimal> before = new HashMap<>();
    Map<String, BigDecimal> after = new HashMap<>();
    Set<String> meters = new TreeSet<>(counted.whole().keySet());
    meters.addAll(counted.late().keySet());
    for (String meter : meters) {
      long whole = counted.whole().getOrDefault(meter, 0L);
      Waiting told = counted.late().get(meter);
      long billed = told == null ? whole : whole - told.units();
      before.put(meter, Loading.units(catalog, meter, Math.max(0, billed)));
      after.put(meter, Loading.units(catalog, meter, Math.max(0, whole)));
    }
    Map<String, List<BigDecimal>> first = new HashMap<>();
    Map<String, List<BigDecimal>> each = new HashMap<>();
    counted
        .transactions()
        .forEach(
            (meter, all) -> {
              Waiting told = counted.late().get(meter);
              int since = told == null ? 0 : Math.toIntExact(told.transactions());
              each.put(meter, Loading.units(catalog, meter, all));
              first.put(
                  meter,
                  Loading.units(catalog, meter, all.subList(0, Math.max(0, all.size() - since))));
            });
    return new LatePart(
        end,
        of,
        new Bills.Used(before, paid, first),
        new Bills.Used(after, paid, each),
        counted.late().keySet());
  }

  private Fees fees() {
    return of.fees();
  }

  private Period period() {
    return of.period();
  }

  /** What the period left of blocks bought ahead, which went into the wallet; by meter. */
  Map<String, BigDecimal> carried() {
    return fees().carriedOver(period(), before.units(), before.prepaid());
  }

  /** Of what is priced more than before, how much may be paid ahead. */
  Prepaid.Ended prepayable(Instant due) {
    Map<String, BigDecimal> more = new HashMap<>();
    for (String meter : late) {
      BigDecimal billed = before.units().getOrDefault(meter, BigDecimal.ZERO);
      BigDecimal whole = after.units().getOrDefault(meter, BigDecimal.ZERO);
      if (whole.compareTo(billed) > 0) {
        // As many units of a period as have as many to be paid for as were added.
        more.put(meter, whole.subtract(fees().prepayable(period(), meter, billed)));
      }
    }
    Prepaid.Part part = new Prepaid.Part(fees().catalog(), period(), more);
    return new Prepaid.Ended(end.previous(), List.of(part), due);
  }

  /**
   * Its bill.
   *
   * @param paidNow of what was told since, by meter
   * @param earlier the bills of the parts before it
   */
  Bill.Closing bill(Map<String, BigDecimal> paidNow, Instant due, List<Bill.Closing> earlier) {
    Map<String, BigDecimal> carried = carried();
    BaseFees fees = new BaseFees(end);
    return new Bill.Closing(
        new Bill.Arrears(
            fees(),
            period(),
            // It is used as well.
            sum(before.units(), carried),
            before.prepaid(),
            before.transactions(),
            fees.counted(of, earlier.stream().map(Bill.Closing::before).toList())),
        new Bill.Arrears(
            fees(),
            period(),
            sum(after.units(), carried),
            sum(before.prepaid(), paidNow),
            after.transactions(),
            fees.counted(of, earlier.stream().map(Bill.Closing::after).toList())),
        due);
  }

  /** What is left now of blocks bought ahead, by meter. */
  Map<String, BigDecimal> left(Map<String, BigDecimal> paidNow) {
    return fees()
        .carriedOver(period(), sum(after.units(), carried()), sum(before.prepaid(), paidNow));
  }

  private static Map<String, BigDecimal> sum(
      Map<String, BigDecimal> one, Map<String, BigDecimal> other) {
    Map<String, BigDecimal> sum = new HashMap<>(one);
    other.forEach((meter, units) -> sum.merge(meter, units, BigDecimal::add));
    return sum;
  }
}
