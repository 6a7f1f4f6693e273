package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.rating.PricedLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Joins the rules of the subscriptions that share an invoice. */
final class DiscountRules {
  private DiscountRules() {}

  /** Each rule sees its own subscription's lines only. */
  static Reduction.Rule joined(Map<String, Reduction.Rule> rules) {
    return rules.isEmpty() ? Reduction.Rule.NONE : lines -> reductions(rules, lines);
  }

  private static List<Reduction> reductions(
      Map<String, Reduction.Rule> rules, List<PricedLine> lines) {
    List<Reduction> all = new ArrayList<>();
    for (String subscription : lines.stream().map(PricedLine::subscription).distinct().toList()) {
      Reduction.Rule rule = rules.get(subscription);
      if (rule == null) {
        continue;
      }
      List<Integer> places = new ArrayList<>();
      List<PricedLine> own = new ArrayList<>();
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).subscription().equals(subscription)) {
          places.add(i);
          own.add(lines.get(i));
        }
      }
      for (Reduction off : rule.on(own)) {
        all.add(new Reduction(places.get(off.line()), off.coupon(), off.title(), off.amount()));
      }
    }
    return all;
  }
}
