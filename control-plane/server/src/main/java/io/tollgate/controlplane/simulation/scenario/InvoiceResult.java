package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Locale;
import org.joda.money.Money;

/** Invoices and credit notes as scenarios print them. Stateless. */
final class InvoiceResult {
  private InvoiceResult() {}

  static ObjectNode of(InvoiceDetails details, ZoneId zone) {
    Invoice invoice = details.invoice();
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("number", invoice.number());
    node.put("status", word(invoice.status().name()));
    node.put("issued", invoice.issuedOn().toString());
    node.put("due-on", invoice.dueOn().toString());
    node.put("start", day(invoice.period().start(), zone));
    node.put("end", day(invoice.period().end(), zone));
    node.put("currency", invoice.currency().getCode());
    node.put("subtotal", plain(invoice.totals().subtotal()));
    node.put("tax", plain(invoice.totals().tax()));
    node.put("total", plain(invoice.totals().total()));
    node.put("paid", plain(invoice.settled().paid()));
    node.put("credited", plain(invoice.settled().credited()));
    node.put("paid-by-wallet", plain(invoice.settled().wallet()));
    node.put("due", plain(invoice.amountDue()));
    ArrayNode lines = node.putArray("lines");
    details.lines().forEach(line -> lines.add(line(line, zone)));
    ArrayNode printed = node.putArray("notes");
    details.print().notes().forEach(printed::add);
    return node;
  }

  /** One that is not made, with what would be due. */
  static ObjectNode ofPreview(InvoiceDetails details, ZoneId zone) {
    ObjectNode node = of(details, zone);
    node.put("due", plain(details.invoice().dueWhenFinal()));
    return node;
  }

  private static ObjectNode line(InvoiceLine line, ZoneId zone) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("kind", word(line.charge().kind()));
    node.put("item", line.charge().item());
    node.put("description", line.description());
    node.put("detail", line.detail());
    node.put("quantity", line.quantity().toPlainString());
    if (!line.unitPrice().isEmpty()) {
      node.put("unit-price", line.unitPrice());
    }
    Period period = line.period();
    if (period != null) {
      node.put("start", day(period.start(), zone));
      node.put("end", day(period.end(), zone));
    }
    node.put("amount", plain(line.amount()));
    node.put("tax", plain(line.tax()));
    ArrayNode taxes = node.putArray("taxes");
    for (InvoiceLine.TaxAmount tax : line.taxes()) {
      taxes
          .addObject()
          .put("name", tax.name())
          .put("percent", tax.percent().toPlainString())
          .put("amount", plain(tax.amount()));
    }
    return node;
  }

  private static String plain(Money money) {
    return money.getAmount().toPlainString();
  }

  static String day(Instant instant, ZoneId zone) {
    return LocalDate.ofInstant(instant, zone).toString();
  }

  static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
