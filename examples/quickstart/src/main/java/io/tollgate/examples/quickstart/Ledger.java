package io.tollgate.examples.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the control plane has metered, rated and invoiced since this run began, held against what
 * the callers themselves saw. What earlier runs left behind is subtracted.
 */
final class Ledger {
  /** A step of a price: {@code ...: 200 × 0.08 = 16}. */
  private static final Pattern STEP =
      Pattern.compile("(\\d+(?:\\.\\d+)?) × (\\d+(?:\\.\\d+)?) = (\\d+(?:\\.\\d+)?)");

  /** What the control plane's reconciliation tells of a meter. */
  private enum Figure {
    METERED,
    /** On invoice lines; or, of a meter that the plan asks no price for, rated at nothing. */
    RATED,
    /** Of periods that have not ended. */
    UNBILLED
  }

  private final Books books;
  private final Workspace workspace;
  private final Set<String> earlierInvoices = new HashSet<>();
  private final Set<String> printed = new HashSet<>();
  private final Map<Figure, Map<String, Map<String, Long>>> earlier = new EnumMap<>(Figure.class);
  private final List<ObjectNode> summary = new ArrayList<>();
  private boolean reconciled;

  Ledger(Books books, Workspace workspace) {
    this.books = books;
    this.workspace = workspace;
  }

  /** Notes what is there before this run's first call. */
  void open(List<Member> members) throws InterruptedException {
    for (Member member : members) {
      for (Figure figure : Figure.values()) {
        earlier
            .computeIfAbsent(figure, any -> new HashMap<>())
            .put(member.id(), units(member.id(), figure));
      }
      for (JsonNode invoice : invoices(member.id())) {
        if (!invoice.path("status").asText().equals("DRAFT")) {
          earlierInvoices.add(invoice.path("id").asText());
        }
      }
    }
    printed.addAll(earlierInvoices);
  }

  /** Units of this run by tenant and meter. */
  Map<String, Map<String, Long>> metered(List<Member> members) throws InterruptedException {
    Map<String, Map<String, Long>> all = new HashMap<>();
    for (Member member : members) {
      all.put(member.id(), since(member.id(), Figure.METERED));
    }
    return all;
  }

  /** Whether the control plane knows as many units as the callers had admitted. */
  boolean hasAll(List<Member> members, Traffic traffic) throws InterruptedException {
    for (Member member : members) {
      Tally.View tally = traffic.tally(member.id()).view();
      Map<String, Long> metered = since(member.id(), Figure.METERED);
      if (metered.getOrDefault(Story.CALLS, 0L) != tally.admitted()) {
        return false;
      }
      for (Map.Entry<String, Long> feature : tally.features().entrySet()) {
        if (metered.getOrDefault(feature.getKey(), 0L).longValue() != feature.getValue()) {
          return false;
        }
      }
    }
    return true;
  }

  /** The end of the period in which the tenant's subscription is. */
  Instant periodEnd(String tenant) throws InterruptedException {
    JsonNode subscription = books.list("/subscriptions?tenant=" + tenant).getFirst();
    return Instant.parse(subscription.path("period").path("end").asText());
  }

  /** The tenant's state, such as {@code GRACE}. */
  String state(String tenant) throws InterruptedException {
    return books.get("/tenants/" + tenant + "/standing").path("state").asText();
  }

  /** Records a bank transfer for whatever is open, except for some. */
  void payAll(List<Member> members, Set<String> except) throws InterruptedException {
    for (Member member : members) {
      if (except.contains(member.id())) {
        continue;
      }
      for (JsonNode invoice : books.list("/invoices?status=open&tenant=" + member.id())) {
        books.post(
            "/invoices/" + invoice.path("id").asText() + "/payments",
            Books.object().put("reference", "bank transfer " + invoice.path("id").asText()));
      }
    }
  }

  /** Prints the invoices issued since the last printing, each with its lines and its PDF. */
  void print(List<Member> members, PrintStream out) throws InterruptedException {
    for (Member member : members) {
      for (JsonNode listed : invoices(member.id())) {
        String id = listed.path("id").asText();
        if (!printed.add(id)) {
          continue;
        }
        JsonNode invoice = books.get("/invoices/" + id);
        String number = invoice.path("number").asText(id);
        books.download(
            "/invoices/" + id + ".pdf",
            workspace.invoice(member.id() + "-" + number.replace('/', '-') + ".pdf"));
        out.printf(
            "   %-18s %-16s %12s %s, of which tax %s%n",
            member.id(),
            number,
            text(invoice, "total"),
            text(invoice, "currency"),
            text(invoice, "tax"));
        for (JsonNode line : invoice.path("lines")) {
          out.printf(
              "      %-34s %10s %12s%n",
              text(line, "description"), text(line, "quantity"), text(line, "amount"));
        }
      }
    }
    out.println("   PDFs: " + workspace.data().resolve("invoices"));
  }

  /** Holds every figure against its neighbour; prints the table. */
  boolean reconcile(List<Member> members, Traffic traffic, PrintStream out)
      throws InterruptedException {
    out.printf(
        "   %-18s %6s %8s %7s %6s %8s %7s %12s %-4s%n",
        "tenant", "sent", "admitted", "refused", "", "metered", "rated", "invoiced", "");
    List<String> differences = new ArrayList<>();
    for (Member member : members) {
      reconcile(member, traffic.tally(member.id()).view(), out, differences);
    }
    reconciled = differences.isEmpty();
    differences.forEach(difference -> out.println("   DIFFERENCE " + difference));
    if (reconciled) {
      out.println(
          "   sent = admitted + refused, admitted = metered = rated, rated x price = invoiced: every unit");
    }
    return reconciled;
  }

  private void reconcile(Member member, Tally.View tally, PrintStream out, List<String> differences)
      throws InterruptedException {
    String tenant = member.id();
    Map<String, Long> metered = since(tenant, Figure.METERED);
    Map<String, Long> rated = since(tenant, Figure.RATED);
    // What an earlier start left unbilled is on this start's invoices without being its usage.
    Map<String, Long> left =
        earlier.getOrDefault(Figure.UNBILLED, Map.of()).getOrDefault(tenant, Map.of());
    left.forEach((meter, units) -> rated.merge(meter, -units, Long::sum));
    rated.values().removeIf(units -> units == 0);
    if (!tally.adds()) {
      differences.add(tenant + ": sent is not admitted + refused");
    }
    Map<String, Long> expected = new LinkedHashMap<>(tally.features());
    expected.put(Story.CALLS, tally.admitted());
    expected.forEach(
        (meter, units) ->
            compare(
                differences,
                tenant + " " + meter + ": admitted and metered",
                units,
                metered.get(meter)));
    metered.forEach(
        (meter, units) ->
            compare(
                differences,
                tenant + " " + meter + ": metered and rated",
                units,
                rated.get(meter)));
    if (!books.get("/reconciliation?tenant=" + tenant).path("reconciled").asBoolean()) {
      differences.add(tenant + ": the control plane's own reconciliation finds a difference");
    }
    BigDecimal invoiced = BigDecimal.ZERO;
    Map<String, BigDecimal> onLines = new HashMap<>();
    for (JsonNode listed : invoices(tenant)) {
      if (earlierInvoices.contains(listed.path("id").asText())) {
        continue;
      }
      JsonNode invoice = books.get("/invoices/" + listed.path("id").asText());
      invoiced = invoiced.add(new BigDecimal(text(invoice, "total")));
      checkLines(invoice, onLines, differences);
    }
    for (Map.Entry<String, BigDecimal> meter : onLines.entrySet()) {
      compare(
          differences,
          tenant + " " + meter.getKey() + ": rated and on the invoices' lines",
          meter.getValue().longValueExact(),
          rated.getOrDefault(meter.getKey(), 0L) + left.getOrDefault(meter.getKey(), 0L));
    }
    out.printf(
        "   %-18s %6d %8d %7d %6s %8s %7s %12s %-4s%n",
        tenant,
        tally.sent(),
        tally.admitted(),
        tally.limited() + tally.denied(),
        "",
        metered.getOrDefault(Story.CALLS, 0L),
        rated.getOrDefault(Story.CALLS, 0L),
        invoiced.toPlainString(),
        member.currency());
    summary.add(
        Books.object()
            .put("tenant", tenant)
            .put("sent", tally.sent())
            .put("admitted", tally.admitted())
            .put("limited", tally.limited())
            .put("denied", tally.denied())
            .put("metered", metered.getOrDefault(Story.CALLS, 0L))
            .put("invoiced", invoiced.toPlainString())
            .put("currency", member.currency()));
  }

  /**
   * Lines sum to the total, and each usage line is its quantity times its price, step by step: with
   * its tax where the catalog's prices contain it, else without.
   */
  static void checkLines(
      JsonNode invoice, Map<String, BigDecimal> onLines, List<String> differences) {
    boolean inclusive = invoice.path("pricesIncludeTax").asBoolean();
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode line : invoice.path("lines")) {
      sum = sum.add(new BigDecimal(text(line, "amount")));
      if (!text(line, "kind").equals("USAGE")) {
        continue;
      }
      BigDecimal quantity = new BigDecimal(text(line, "quantity"));
      onLines.merge(text(line, "meter"), quantity, BigDecimal::add);
      BigDecimal net = new BigDecimal(text(line, "amount"));
      BigDecimal asked = inclusive ? net.add(new BigDecimal(text(line, "tax"))) : net;
      BigDecimal priced = priced(line, quantity).setScale(asked.scale(), RoundingMode.HALF_UP);
      if (priced.compareTo(asked) != 0) {
        differences.add(
            text(invoice, "number")
                + " "
                + text(line, "description")
                + ": "
                + quantity
                + " units at their price are "
                + priced
                + ", the line says "
                + asked);
      }
    }
    BigDecimal subtotal = new BigDecimal(text(invoice, "subtotal"));
    if (sum.compareTo(subtotal) != 0) {
      differences.add(text(invoice, "number") + ": the lines do not sum to the subtotal");
    }
    if (subtotal.add(number(invoice, "tax")).compareTo(number(invoice, "total")) != 0) {
      differences.add(text(invoice, "number") + ": subtotal and tax are not the total");
    }
  }

  private static BigDecimal priced(JsonNode line, BigDecimal quantity) {
    String unitPrice = text(line, "unitPrice");
    if (!unitPrice.isEmpty()) {
      return quantity.multiply(new BigDecimal(unitPrice));
    }
    BigDecimal sum = BigDecimal.ZERO;
    Matcher step = STEP.matcher(text(line, "detail"));
    while (step.find()) {
      sum = sum.add(new BigDecimal(step.group(1)).multiply(new BigDecimal(step.group(2))));
    }
    return sum;
  }

  private static void compare(
      List<String> differences,
      String what,
      long expected,
      @org.jspecify.annotations.Nullable Long found) {
    if (found == null || found != expected) {
      differences.add(what + " differ: " + expected + " and " + (found == null ? 0 : found));
    }
  }

  List<ObjectNode> summary() {
    return summary;
  }

  boolean isReconciled() {
    return reconciled;
  }

  private List<JsonNode> invoices(String tenant) throws InterruptedException {
    return books.list("/invoices?tenant=" + tenant).stream()
        .filter(invoice -> !text(invoice, "status").equals("DRAFT"))
        .toList();
  }

  private Map<String, Long> since(String tenant, Figure figure) throws InterruptedException {
    Map<String, Long> now = units(tenant, figure);
    earlier
        .getOrDefault(figure, Map.of())
        .getOrDefault(tenant, Map.of())
        .forEach((meter, before) -> now.merge(meter, -before, Long::sum));
    now.values().removeIf(units -> units == 0);
    return now;
  }

  private Map<String, Long> units(String tenant, Figure figure) throws InterruptedException {
    Map<String, Long> units = new HashMap<>();
    for (JsonNode meter : books.get("/reconciliation?tenant=" + tenant).path("meters")) {
      BigDecimal value =
          switch (figure) {
            case METERED -> number(meter, "metered");
            case RATED -> number(meter, "rated");
            case UNBILLED -> number(meter, "unbilled");
          };
      units.put(text(meter, "meter"), value.longValueExact());
    }
    return units;
  }

  private static BigDecimal number(JsonNode node, String field) {
    return new BigDecimal(node.path(field).asText("0"));
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText();
  }
}
