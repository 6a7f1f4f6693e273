package io.tollgate.controlplane.transfer;

import static io.tollgate.controlplane.transfer.KillBillCatalog.amounts;
import static io.tollgate.controlplane.transfer.KillBillCatalog.child;
import static io.tollgate.controlplane.transfer.KillBillCatalog.children;
import static io.tollgate.controlplane.transfer.KillBillCatalog.nested;
import static io.tollgate.controlplane.transfer.KillBillCatalog.value;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/** One usage section of a Kill Bill plan as charges, one for each of its units. */
final class KillBillUsage {
  private final CatalogText text;
  private final Element usage;
  private final String where;

  KillBillUsage(CatalogText text, Element usage, String where) {
    this.text = text;
    this.usage = usage;
    this.where = where;
  }

  /** A tier of one unit: blocks of a size, so many at most, and what a block costs. */
  private record Block(
      BigDecimal size, @Nullable BigDecimal most, Map<String, BigDecimal> prices) {}

  void into(Map<String, Object> plan) {
    if (usage.getAttribute("usageType").equals("CAPACITY")) {
      capacity(plan);
      return;
    }
    Map<String, List<Block>> byUnit = new LinkedHashMap<>();
    for (Element tier : children(child(usage, "tiers"), "tier")) {
      for (Element block : children(child(tier, "blocks"), "tieredBlock")) {
        String most = value(block, "max", "");
        byUnit
            .computeIfAbsent(value(block, "unit", ""), unit -> new ArrayList<>())
            .add(
                new Block(
                    new BigDecimal(value(block, "size", "1")),
                    most.isEmpty() || most.equals("-1") ? null : new BigDecimal(most),
                    amounts(child(block, "prices"))));
      }
    }
    byUnit.forEach((unit, blocks) -> consumable(plan, unit, blocks));
  }

  private void consumable(Map<String, Object> plan, String unit, List<Block> blocks) {
    Map<String, Object> charge = charge(plan, unit);
    BigDecimal end = blocks.getLast().most();
    if (end != null) {
      text.note(where, "the last tier goes on after " + end + " blocks");
    }
    for (String currency : currencies(blocks)) {
      Map<String, Object> model = nested(charge, "prices", currency);
      Block only = blocks.getFirst();
      if (blocks.size() == 1 && only.size().compareTo(BigDecimal.ONE) > 0) {
        model.put("model", "package");
        model.put("size", only.size());
        model.put("price", only.prices().getOrDefault(currency, BigDecimal.ZERO));
      } else if (blocks.size() == 1) {
        model.put("model", "per-unit");
        model.put("unit-price", only.prices().getOrDefault(currency, BigDecimal.ZERO));
      } else {
        boolean top = usage.getAttribute("tierBlockPolicy").equals("TOP_TIER");
        model.put("model", top ? "volume" : "graduated");
        model.put("tiers", tiers(blocks, currency));
      }
    }
  }

  private List<Map<String, Object>> tiers(List<Block> blocks, String currency) {
    List<Map<String, Object>> tiers = new ArrayList<>();
    BigDecimal upTo = BigDecimal.ZERO;
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Map<String, Object> tier = new LinkedHashMap<>();
      boolean last = i == blocks.size() - 1;
      if (block.most() != null && !last) {
        upTo = upTo.add(block.most().multiply(block.size()));
        tier.put("up-to", upTo);
      }
      BigDecimal price = block.prices().getOrDefault(currency, BigDecimal.ZERO);
      tier.put("unit-price", price);
      if (block.size().compareTo(BigDecimal.ONE) != 0) {
        tier.put("size", block.size());
      }
      tiers.add(tier);
      if (block.most() == null && !last) {
        text.note(where, "a tier without end stands before others, which are left out");
        break;
      }
    }
    return tiers;
  }

  /** So much a period, by the greatest amount used. */
  private void capacity(Map<String, Object> plan) {
    List<Element> tiers = children(child(usage, "tiers"), "tier");
    Set<String> units = new LinkedHashSet<>();
    for (Element tier : tiers) {
      for (Element limit : children(child(tier, "limits"), "limit")) {
        units.add(value(limit, "unit", ""));
      }
    }
    if (units.size() != 1) {
      text.note(where, "capacity of several units at once is not carried over: " + units);
      return;
    }
    Map<String, Object> charge = charge(plan, units.iterator().next());
    for (int i = 0; i < tiers.size(); i++) {
      Element tier = tiers.get(i);
      String most = value(child(child(tier, "limits"), "limit"), "max", "");
      boolean last = i == tiers.size() - 1;
      amounts(child(tier, "recurringPrice"))
          .forEach(
              (currency, amount) -> {
                Map<String, Object> model = nested(charge, "prices", currency);
                model.put("model", "stairstep");
                Map<String, Object> step = new LinkedHashMap<>();
                if (!last && !most.isEmpty()) {
                  step.put("up-to", new BigDecimal(most));
                }
                step.put("amount", amount);
                steps(model).add(step);
              });
    }
    text.note(where, "capacity becomes a price by the period's units; the last step has no end");
  }

  @SuppressWarnings("unchecked")
  private static List<Object> steps(Map<String, Object> model) {
    return (List<Object>) model.computeIfAbsent("steps", any -> new ArrayList<>());
  }

  private Map<String, Object> charge(Map<String, Object> plan, String unit) {
    String meter = CatalogText.key(unit);
    text.map("meters", meter).putIfAbsent("title", unit);
    Map<String, Object> charge = nested(plan, "charges", meter);
    charge.put("meter", meter);
    return charge;
  }

  private static Set<String> currencies(List<Block> blocks) {
    Set<String> currencies = new LinkedHashSet<>();
    blocks.forEach(block -> currencies.addAll(block.prices().keySet()));
    return currencies;
  }
}
