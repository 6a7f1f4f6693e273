package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.discount.Redemptions.Asked;
import io.tollgate.controlplane.discount.Redemptions.Holding;
import io.tollgate.controlplane.discount.Redemptions.Taken;
import io.tollgate.controlplane.discount.Reductions;
import io.tollgate.controlplane.discount.Reductions.Off;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.joda.money.Money;

/**
 * What coupons take off a step's lines. A line belongs to the period it is for: usage and fees in
 * arrears to the one that ended, whatever invoice they stand on, and each period has its coupons.
 */
record RedeemedDiscounts(Redemptions redemptions) implements Discounts {
  /** A step's period with its coupons, and what of their amounts is used. */
  private record Side(Instant period, List<Holding> coupons, Map<String, Money> used) {}

  @Override
  public Map<String, Reduction.Rule> of(
      Transaction tx,
      List<Revision> revisions,
      Function<Set<Granted>, Map<Granted, Map<String, Money>>> used) {
    return rules(revisions, redemptions.holding(tx, asked(revisions)), used);
  }

  @Override
  public Map<String, Reduction.Rule> again(
      Transaction tx,
      List<Revision> revisions,
      Function<Set<Granted>, Map<Granted, Map<String, Money>>> used,
      Map<String, Set<String>> took) {
    List<Asked> asked = asked(revisions);
    Map<Asked, List<Holding>> today = redemptions.holding(tx, asked);
    Map<Asked, List<Holding>> then = new HashMap<>();
    redemptions
        .held(tx, asked)
        .forEach(
            (of, coupons) -> {
              Set<String> codes = took.get(of.subscription().id());
              then.put(
                  of,
                  codes == null
                      ? today.getOrDefault(of, List.of())
                      : coupons.stream()
                          .filter(each -> codes.contains(each.coupon().code()))
                          .toList());
            });
    return rules(revisions, then, used);
  }

  private static List<Asked> asked(List<Revision> revisions) {
    List<Asked> asked = new ArrayList<>();
    for (Revision revision : revisions) {
      asked.add(present(revision));
      if (revision.before() != null) {
        asked.add(ended(revision, revision.before()));
      }
    }
    return asked;
  }

  private static Map<String, Reduction.Rule> rules(
      List<Revision> revisions,
      Map<Asked, List<Holding>> holding,
      Function<Set<Granted>, Map<Granted, Map<String, Money>>> used) {
    if (holding.isEmpty()) {
      return Map.of();
    }
    Set<Granted> amounts = new HashSet<>();
    holding.forEach(
        (of, coupons) -> {
          if (coupons.stream().anyMatch(each -> each.coupon().percent() == null)) {
            amounts.add(granted(of));
          }
        });
    Map<Granted, Map<String, Money>> grants = amounts.isEmpty() ? Map.of() : used.apply(amounts);
    Map<String, Reduction.Rule> rules = new HashMap<>();
    for (Revision revision : revisions) {
      Side present = side(present(revision), holding, grants);
      Subscription was = revision.before();
      Side ended = was == null ? present : side(ended(revision, was), holding, grants);
      Instant at = revision.at();
      rules.put(revision.after().id(), lines -> off(lines, at, ended, present));
    }
    return rules;
  }

  private static Asked present(Revision revision) {
    return new Asked(revision.after(), revision.at());
  }

  private static Asked ended(Revision revision, Subscription was) {
    return new Asked(was, revision.at().minusNanos(1));
  }

  private static Granted granted(Asked asked) {
    return new Granted(asked.subscription().id(), asked.period());
  }

  private static Side side(
      Asked asked, Map<Asked, List<Holding>> holding, Map<Granted, Map<String, Money>> grants) {
    return new Side(
        asked.period(),
        holding.getOrDefault(asked, List.of()),
        grants.getOrDefault(granted(asked), Map.of()));
  }

  /** Whether a line is for the period that ended at the instant, or for a part of it. */
  static boolean isEnded(Instant lineEnd, Instant at) {
    return !lineEnd.isAfter(at);
  }

  /**
   * The ended period's lines first: what is taken off them counts for the present one's coupons.
   */
  private static List<Reduction> off(List<PricedLine> lines, Instant at, Side ended, Side present) {
    if (ended.period().equals(present.period())) {
      return off(lines, places(lines, line -> true), present, present.coupons());
    }
    List<Integer> past = places(lines, line -> isEnded(line.period().end(), at));
    List<Integer> rest = places(lines, line -> !isEnded(line.period().end(), at));
    List<Reduction> all = new ArrayList<>(off(lines, past, ended, ended.coupons()));
    Set<String> took = new HashSet<>();
    all.forEach(each -> took.add(each.coupon()));
    List<Holding> left =
        present.coupons().stream()
            .map(each -> took.contains(each.coupon().code()) ? each.after(ended.period()) : each)
            .toList();
    all.addAll(off(lines, rest, present, left));
    return all;
  }

  private static List<Integer> places(List<PricedLine> lines, Predicate<PricedLine> wanted) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (wanted.test(lines.get(i))) {
        places.add(i);
      }
    }
    return places;
  }

  private static List<Reduction> off(
      List<PricedLine> lines, List<Integer> places, Side side, List<Holding> coupons) {
    // A line with the difference is discounted as the charge in it is; the credit was already.
    List<Money> charged =
        places.stream()
            .map(place -> lines.get(place).amount().plus(lines.get(place).netted()))
            .toList();
    List<Off> offs =
        Reductions.of(
            charged,
            coupons.stream()
                .filter(each -> each.covers(side.period()))
                .map(Holding::coupon)
                .toList(),
            side.used());
    return offs.stream()
        .map(
            off ->
                new Reduction(
                    places.get(off.line()),
                    off.coupon().code(),
                    off.coupon().title(),
                    off.amount()))
        .toList();
  }

  @Override
  public void foresee(Transaction tx, Subscription of) {
    redemptions.foresee(tx, of.id());
  }

  @Override
  public void took(Transaction tx, List<Taken> taken) {
    redemptions.took(tx, taken);
  }

  @Override
  public void gaveBack(
      Transaction tx, List<Redemptions.Line> gone, Supplier<List<Redemptions.Line>> left) {
    redemptions.gaveBack(tx, gone, left);
  }
}
