package io.tollgate.controlplane.transfer;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * Kill Bill's catalog: base products' plans become plans of one product, since a subscriber changes
 * between them; stand-alone products stay products; add-on products become add-ons. Of phases the
 * trial and the last are kept. Usage in arrears becomes charges.
 */
final class KillBillCatalog {
  private static final Map<String, String> CYCLES =
      Map.ofEntries(
          Map.entry("DAILY", "daily"),
          Map.entry("WEEKLY", "weekly"),
          Map.entry("BIWEEKLY", "2-weeks"),
          Map.entry("THIRTY_DAYS", "30-days"),
          Map.entry("THIRTY_ONE_DAYS", "31-days"),
          Map.entry("SIXTY_DAYS", "60-days"),
          Map.entry("NINETY_DAYS", "90-days"),
          Map.entry("MONTHLY", "monthly"),
          Map.entry("BIMESTRIAL", "2-months"),
          Map.entry("QUARTERLY", "quarterly"),
          Map.entry("TRIANNUAL", "4-months"),
          Map.entry("BIANNUAL", "half-yearly"),
          Map.entry("ANNUAL", "yearly"),
          Map.entry("SESQUIENNIAL", "18-months"),
          Map.entry("BIENNIAL", "2-years"),
          Map.entry("TRIENNIAL", "3-years"));

  private final Element root;
  private final CatalogText text = new CatalogText();
  private final Map<String, String> categories = new HashMap<>();
  private final List<String> basePlans = new ArrayList<>();
  private final Map<String, Element> usageAddOns = new LinkedHashMap<>();

  /**
   * Reads the XML; entities and document types are refused.
   *
   * @throws IllegalArgumentException if it is no catalog of Kill Bill's
   */
  KillBillCatalog(String xml) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      root = builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (SAXException | IOException | ParserConfigurationException e) {
      throw new IllegalArgumentException("the XML cannot be read: " + e.getMessage(), e);
    }
    if (!root.getTagName().equals("catalog")) {
      throw new IllegalArgumentException(
          "a <catalog> is expected, not <" + root.getTagName() + ">");
    }
  }

  CatalogText convert(String name) {
    String called = name.isEmpty() ? value(root, "catalogName", "kill-bill") : name;
    text.map().put("catalog", CatalogText.key(called));
    text.map().put("title", called);
    String base = CatalogText.key(called);
    for (Element product : children(child(root, "products"), "product")) {
      categories.put(product.getAttribute("name"), value(product, "category", "BASE"));
      product(product);
    }
    for (String currency : currencies()) {
      if (!isKnown(currency)) {
        text.note("currency " + currency, "ISO 4217 has none; its prices are left out");
      }
    }
    for (Element unit : children(child(root, "units"), "unit")) {
      text.map("meters", CatalogText.key(unit.getAttribute("name")))
          .put("title", unit.getAttribute("name"));
    }
    text.map("products", base).put("title", called);
    for (Element plan : children(child(root, "plans"), "plan")) {
      plan(plan, base);
    }
    addOnsFitPlans();
    if (child(root, "rules") != null) {
      text.note(
          "rules", "rules of changes, cancellations and alignment are policies here; see them");
    }
    for (Element list : children(child(root, "priceLists"), "childPriceList")) {
      text.note("price list " + list.getAttribute("name"), "its plans are plans like the others");
    }
    return text;
  }

  private void product(Element product) {
    String where = "product " + product.getAttribute("name");
    if (child(product, "limits") != null) {
      text.note(where, "its limits are not carried over");
    }
    for (Element included : children(child(product, "included"), "addonProduct")) {
      text.note(
          where, "it includes " + included.getTextContent().strip() + ", which is paid for here");
    }
  }

  private List<String> currencies() {
    return children(child(root, "currencies"), "currency").stream()
        .map(currency -> currency.getTextContent().strip())
        .toList();
  }

  private static boolean isKnown(String currency) {
    return CurrencyUnit.registeredCurrencies().stream()
        .anyMatch(known -> known.getCode().equals(currency));
  }

  private void plan(Element plan, String base) {
    String name = plan.getAttribute("name");
    String product = value(plan, "product", "");
    Element last = child(plan, "finalPhase");
    if (last == null) {
      text.note("plan " + name, "it has no final phase and is left out");
      return;
    }
    boolean addOn = "ADD_ON".equals(categories.get(product));
    Map<String, Object> into =
        addOn
            ? text.map("add-ons", CatalogText.key(product))
            : text.map("plans", CatalogText.key(name));
    into.putIfAbsent("title", addOn ? product : titled(plan, name));
    if (!addOn) {
      boolean alone = "STANDALONE".equals(categories.get(product));
      String of = alone ? CatalogText.key(product) : base;
      if (alone) {
        text.map("products", of).put("title", product);
      }
      into.put("product", of);
      basePlans.add(CatalogText.key(name));
    }
    prices(into, last, name, addOn);
    phases(into, plan, name, addOn);
    if (addOn && !into.containsKey("prices") && !into.containsKey("one-off")) {
      usageAddOns.put(CatalogText.key(product), last);
    } else {
      usages(into, last, name, addOn);
    }
  }

  private static String titled(Element plan, String name) {
    return plan.getAttribute("prettyName").isEmpty() ? name : plan.getAttribute("prettyName");
  }

  private void prices(Map<String, Object> into, Element last, String name, boolean addOn) {
    Element recurring = child(last, "recurring");
    String period = recurring == null ? "" : value(recurring, "billingPeriod", "");
    String cycle = CYCLES.get(period);
    if (recurring != null && cycle != null) {
      amounts(child(recurring, "recurringPrice"))
          .forEach((currency, amount) -> nested(into, "prices", currency).put(cycle, amount));
      return;
    }
    Map<String, BigDecimal> fixed = fixed(last);
    if (addOn && !fixed.isEmpty()) {
      into.put("one-off", fixed);
    } else if (!addOn) {
      for (String currency : currencies()) {
        if (isKnown(currency)) {
          nested(into, "prices", currency).put(usagePeriod(last), BigDecimal.ZERO);
        }
      }
      text.note("plan " + name, "it has no recurring price; its fee is 0 a period");
    } else {
      text.note("add-on plan " + name, "it has no price and cannot be bought by itself");
    }
    if (!period.isEmpty() && cycle == null) {
      text.note("plan " + name, "there is no billing period " + period);
    }
  }

  private static String usagePeriod(Element last) {
    for (Element usage : children(child(last, "usages"), "usage")) {
      String cycle = CYCLES.get(value(usage, "billingPeriod", ""));
      if (cycle != null) {
        return cycle;
      }
    }
    return "monthly";
  }

  private void phases(Map<String, Object> into, Element plan, String name, boolean addOn) {
    Map<String, BigDecimal> setup = new LinkedHashMap<>();
    for (Element phase : children(child(plan, "initialPhases"), "phase")) {
      String type = phase.getAttribute("type");
      if (type.equals("TRIAL") && !addOn) {
        into.put("trial-days", days(phase, name));
      } else {
        text.note("plan " + name, "its phase " + type + " is not carried over");
      }
      fixed(phase)
          .forEach(
              (currency, amount) -> {
                if (amount.signum() > 0) {
                  setup.merge(currency, amount, BigDecimal::add);
                }
              });
    }
    if (child(child(plan, "finalPhase"), "recurring") != null && !addOn) {
      fixed(child(plan, "finalPhase"))
          .forEach((c, amount) -> setup.merge(c, amount, BigDecimal::add));
    }
    if (!setup.isEmpty() && !addOn) {
      into.put("setup-fee", setup);
      text.note("plan " + name, "fixed prices of its phases become one fee at the first period");
    }
  }

  private int days(Element phase, String name) {
    Element duration = child(phase, "duration");
    int number = Integer.parseInt(value(duration, "number", "0"));
    return switch (value(duration, "unit", "DAYS")) {
      case "DAYS" -> number;
      case "WEEKS" -> 7 * number;
      case "MONTHS" -> {
        text.note("plan " + name, "its trial of " + number + " months becomes 30 days each");
        yield 30 * number;
      }
      default -> {
        text.note("plan " + name, "its trial's duration is not carried over");
        yield 0;
      }
    };
  }

  private void usages(Map<String, Object> into, Element last, String name, boolean addOn) {
    for (Element usage : children(child(last, "usages"), "usage")) {
      String where = "usage " + usage.getAttribute("name") + " of plan " + name;
      if (addOn || !usage.getAttribute("billingMode").equals("IN_ARREAR")) {
        text.note(where, "usage of add-ons or in advance is not carried over");
        continue;
      }
      new KillBillUsage(text, usage, where).into(into);
    }
  }

  /** Where nothing but use costs something, nothing need be bought: every plan charges for it. */
  private void chargeWithPlans(String key, Element last) {
    if (keys(text.map("add-ons", key).get("prices")).isEmpty()
        && keys(text.map("add-ons", key).get("one-off")).isEmpty()) {
      text.map("add-ons").remove(key);
      text.note("add-on " + key, "it has usage alone, which every plan charges for: " + basePlans);
      basePlans.forEach(plan -> usages(text.map("plans", plan), last, plan, false));
    }
  }

  /** A plan's usage has a price in each currency that the plan is sold in. */
  private void priceInItsCurrencies(String plan) {
    Map<String, Object> of = text.map("plans", plan);
    for (String charge : keys(of.get("charges"))) {
      Map<String, Object> priced = nested(of, "charges", charge);
      for (String currency : keys(of.get("prices"))) {
        if (!keys(priced.get("prices")).contains(currency)) {
          nested(priced, "prices", currency).put("model", "per-unit");
          nested(priced, "prices", currency).put("unit-price", BigDecimal.ZERO);
          text.note(
              "plan " + plan, "its usage of " + charge + " has no price in " + currency + ": 0");
        }
      }
    }
  }

  /** An add-on goes with the plans that are sold in no other currencies than it is. */
  private void addOnsFitPlans() {
    Map<String, Object> addOns = text.map("add-ons");
    usageAddOns.forEach(this::chargeWithPlans);
    basePlans.forEach(this::priceInItsCurrencies);
    List<String> unsold = new ArrayList<>();
    for (String key : addOns.keySet()) {
      Map<String, Object> addOn = text.map("add-ons", key);
      Set<String> currencies = new LinkedHashSet<>(keys(addOn.get("prices")));
      currencies.addAll(keys(addOn.get("one-off")));
      List<String> plans =
          basePlans.stream()
              .filter(plan -> currencies.containsAll(keys(text.map("plans", plan).get("prices"))))
              .toList();
      if (plans.isEmpty()) {
        unsold.add(key);
        text.note("add-on " + key, "no plan is sold in its currencies alone; it is left out");
        continue;
      }
      addOn.put("plans", plans);
      text.note(
          "add-on " + key,
          "it goes with every plan that is sold in its currencies, whatever its product: " + plans);
    }
    unsold.forEach(addOns::remove);
    if (addOns.isEmpty()) {
      text.map().remove("add-ons");
    }
    if (text.map("meters").isEmpty()) {
      text.map().remove("meters");
    }
  }

  private static Set<String> keys(@Nullable Object map) {
    Set<String> keys = new LinkedHashSet<>();
    if (map instanceof Map<?, ?> of) {
      of.keySet().forEach(key -> keys.add(String.valueOf(key)));
    }
    return keys;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> nested(Map<String, Object> into, String name, String key) {
    Map<String, Object> outer =
        (Map<String, Object>) into.computeIfAbsent(name, any -> new LinkedHashMap<>());
    return (Map<String, Object>) outer.computeIfAbsent(key, any -> new LinkedHashMap<>());
  }

  private static Map<String, BigDecimal> fixed(@Nullable Element phase) {
    Element fixed = child(phase, "fixed");
    return amounts(child(fixed, "fixedPrice"));
  }

  /** By currency, of those that ISO 4217 knows. */
  static Map<String, BigDecimal> amounts(@Nullable Element prices) {
    Map<String, BigDecimal> amounts = new LinkedHashMap<>();
    for (Element price : children(prices, "price")) {
      String currency = value(price, "currency", "");
      if (isKnown(currency)) {
        amounts.put(currency, new BigDecimal(value(price, "value", "0")));
      }
    }
    return amounts;
  }

  static @Nullable Element child(@Nullable Element parent, String name) {
    List<Element> all = children(parent, name);
    return all.isEmpty() ? null : all.getFirst();
  }

  static List<Element> children(@Nullable Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent == null ? null : parent.getFirstChild();
        node != null;
        node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  static String value(@Nullable Element parent, String name, String otherwise) {
    Element child = child(parent, name);
    return child == null ? otherwise : child.getTextContent().strip();
  }
}
