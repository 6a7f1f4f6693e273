package io.tollgate.controlplane.invoice.document;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Party;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An invoice as the template sees it: everything already text in the tenant's language, so that a
 * template holds layout and nothing else. The keys are documented in control-plane/README.md.
 */
final class DocumentView {
  private static final List<String> COLUMNS =
      List.of(
          "billedTo",
          "details",
          "date",
          "period",
          "due",
          "corrects",
          "description",
          "quantity",
          "unitPrice",
          "amount",
          "subtotal",
          "total",
          "amountDue",
          "inWords",
          "serviceCode");

  private final InvoiceDetails details;
  private final Invoice invoice;
  private final ResourceBundle labels;
  private final AmountFormat amounts;
  private final DateTimeFormatter dates;

  DocumentView(InvoiceDetails details, ResourceBundle labels) {
    this.details = details;
    this.invoice = details.invoice();
    this.labels = labels;
    this.amounts = new AmountFormat(details.print().locale());
    this.dates =
        DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
            .withLocale(details.print().locale())
            .withZone(details.print().zone());
  }

  /** The template's model. {@code logo} is a data URI, empty where there is none. */
  Map<String, Object> model(String logo) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("language", details.print().locale().toLanguageTag());
    model.put("labels", labelModel());
    model.put("logo", logo);
    putHead(model);
    putParties(model);
    model.put("lines", details.lines().stream().map(this::line).toList());
    putSums(model);
    return model;
  }

  private Map<String, String> labelModel() {
    Map<String, String> model = new LinkedHashMap<>();
    COLUMNS.forEach(key -> model.put(key, labels.getString(key)));
    model.put("platform", labels.getString("invoice.platform"));
    if (containTax()) {
      model.put("unitPrice", labels.getString("unitPrice.inclusive"));
    }
    return model;
  }

  private void putHead(Map<String, Object> model) {
    boolean creditNote = invoice.kind() == DocumentKind.CREDIT_NOTE;
    model.put("title", labels.getString(creditNote ? "creditNote" : "invoice"));
    model.put("number", orEmpty(invoice.number()));
    model.put("issued", date(invoice.issuedOn()));
    model.put("period", period(invoice.period()));
    model.put("due", creditNote ? "" : date(invoice.dueOn()));
    model.put("corrects", orEmpty(invoice.corrects()));
    model.put("serviceCode", details.print().serviceCode());
    model.put("status", invoice.status().name());
    model.put(
        "stamp",
        invoice.status() == InvoiceStatus.OPEN
                || invoice.status() == InvoiceStatus.CLOSED
                || creditNote
            ? ""
            : labels.getString("stamp." + invoice.status().name()));
  }

  private void putParties(Map<String, Object> model) {
    model.put("seller", party(details.seller()));
    model.put("initial", initial(details.seller().name()));
    model.put("billedTo", party(details.billedTo()));
    List<String> footer = new ArrayList<>(List.of(details.seller().name()));
    details.seller().identifiers().forEach(id -> footer.add(id.name() + ": " + id.value()));
    model.put("footer", String.join(" · ", footer));
    List<String> notes = new ArrayList<>();
    if (containTax()) {
      notes.add(labels.getString("note.inclusive"));
    }
    notes.addAll(details.print().notes());
    model.put("notes", notes);
  }

  /** Whether prices on the page are with the tax that amounts are without, which is to be said. */
  private boolean containTax() {
    return details.print().inclusive() && !details.lines().stream().allMatch(DocumentView::agrees);
  }

  private static boolean agrees(InvoiceLine line) {
    return line.unitPrice().isEmpty()
        ? line.tax().isZero()
        : line.amount()
            .isEqual(
                Money.of(
                    line.amount().getCurrencyUnit(),
                    new BigDecimal(line.unitPrice()).multiply(line.quantity()),
                    RoundingMode.HALF_UP));
  }

  private static String initial(String name) {
    return name.isEmpty() ? "" : name.substring(0, name.offsetByCodePoints(0, 1));
  }

  private static Map<String, Object> party(Party party) {
    return Map.of(
        "name",
        party.name(),
        "address",
        party.address(),
        "identifiers",
        party.identifiers().stream()
            .map(id -> Map.of("name", id.name(), "value", id.value()))
            .toList());
  }

  private Map<String, Object> line(InvoiceLine line) {
    Period period = line.period();
    List<String> details = new ArrayList<>();
    if (period != null && !period.equals(invoice.period())) {
      details.add(period(period));
    }
    line.detail().lines().forEach(details::add);
    return Map.of(
        "description",
        line.description(),
        "details",
        details,
        "quantity",
        amounts.quantity(line.quantity()),
        "unitPrice",
        line.unitPrice().isEmpty() ? "" : amounts.number(new BigDecimal(line.unitPrice())),
        "amount",
        amounts.money(line.amount()));
  }

  private void putSums(Map<String, Object> model) {
    model.put("subtotal", amounts.money(invoice.totals().subtotal()));
    model.put("taxes", taxes());
    model.put("total", amounts.money(invoice.totals().total()));
    model.put("words", AmountInWords.of(invoice.totals().total(), details.print().locale()));
    List<Map<String, String>> settlements = new ArrayList<>();
    addIfAny(settlements, "paid", invoice.settled().paid());
    addIfAny(settlements, "credited", invoice.settled().credited());
    addIfAny(settlements, "wallet", invoice.settled().wallet());
    model.put("settled", !settlements.isEmpty());
    model.put("settlements", settlements);
    model.put("amountDue", amounts.money(invoice.amountDue()));
  }

  private void addIfAny(List<Map<String, String>> settlements, String label, Money amount) {
    if (!amount.isZero()) {
      settlements.add(
          Map.of("label", labels.getString(label), "amount", amounts.money(amount.negated())));
    }
  }

  /** One row per tax and rate, in the order of their first line. */
  private List<Map<String, String>> taxes() {
    Map<String, Money> sums = new LinkedHashMap<>();
    for (InvoiceLine line : details.lines()) {
      for (InvoiceLine.TaxAmount tax : line.taxes()) {
        sums.merge(tax.name() + " @ " + percent(tax.percent()), tax.amount(), Money::plus);
      }
    }
    List<Map<String, String>> rows = new ArrayList<>();
    sums.forEach((label, sum) -> rows.add(Map.of("label", label, "amount", amounts.money(sum))));
    return rows;
  }

  private String percent(BigDecimal percent) {
    return amounts.quantity(percent) + "%";
  }

  /**
   * First and last day, as days are counted: the day of a period's end is the next one's first,
   * also where it ends in its middle.
   */
  private String period(Period period) {
    LocalDate first = LocalDate.ofInstant(period.start(), details.print().zone());
    LocalDate last = LocalDate.ofInstant(period.end(), details.print().zone()).minusDays(1);
    return !last.isAfter(first) ? date(first) : date(first) + " – " + date(last);
  }

  private String date(LocalDate day) {
    return AmountFormat.withoutMarks(dates.format(day));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
