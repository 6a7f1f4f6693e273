package io.tollgate.controlplane.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.wallet.Wallet;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A tenant at an instant of a scenario, as JSON: what is printed, and what expectations look at.
 */
final class TenantResult {
  private TenantResult() {}

  /**
   * What is known of a tenant.
   *
   * @param standing of the tenant as a whole
   * @param balance what it has in credit
   * @param invoices all of its documents, oldest first
   * @param preview what the last preview would bill
   * @param entitlements what it may do; null where nothing is known yet
   * @param asides what the last re-rating, export, import and document were, by name
   */
  record Facts(
      ZoneId zone,
      BillingState standing,
      Money balance,
      List<Subscription> subscriptions,
      List<InvoiceDetails> invoices,
      List<Wallet> wallets,
      List<InvoiceDetails> preview,
      @Nullable Entitlements entitlements,
      Map<String, JsonNode> asides) {}

  static ObjectNode of(Facts facts) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("standing", word(facts.standing().name()));
    node.put("balance", plain(facts.balance()));
    ArrayNode subs = node.putArray("subscriptions");
    facts.subscriptions().forEach(one -> subs.add(subscription(one, facts.zone())));
    ArrayNode bills = node.putArray("invoices");
    ArrayNode notes = node.putArray("credit-notes");
    BigDecimal invoiced = BigDecimal.ZERO;
    BigDecimal due = BigDecimal.ZERO;
    for (InvoiceDetails details : facts.invoices()) {
      boolean note = details.invoice().kind() == DocumentKind.CREDIT_NOTE;
      (note ? notes : bills).add(invoice(details, facts.zone()));
      invoiced = invoiced.add(details.invoice().totals().total().getAmount());
      due = due.add(details.invoice().amountDue().getAmount());
    }
    node.put("invoiced", invoiced.toPlainString());
    node.put("due", due.toPlainString());
    last(node, "subscription", subs);
    last(node, "last", bills);
    last(node, "last-credit-note", notes);
    ObjectNode wallets = node.putObject("wallets");
    facts.wallets().forEach(wallet -> wallets.set(wallet.asset().name(), wallet(wallet)));
    ArrayNode preview = node.putArray("preview");
    facts.preview().forEach(details -> preview.add(invoice(details, facts.zone())));
    ObjectNode features = node.putObject("features");
    if (facts.entitlements() != null) {
      facts.entitlements().features().forEach(grant -> features.put(grant.feature(), text(grant)));
    }
    ObjectNode limits = node.putObject("limits");
    if (facts.entitlements() != null) {
      facts.entitlements().rates().forEach(rate -> limits.put(rate.name(), rate.amount()));
      facts.entitlements().quotas().forEach(quota -> limits.put(quota.name(), quota.amount()));
      facts.entitlements().concurrencies().forEach(c -> limits.put(c.name(), c.permits()));
    }
    facts.asides().forEach(node::set);
    return node;
  }

  /** {@code false}, {@code true}, a level or a number. */
  private static String text(FeatureGrant grant) {
    if (!grant.enabled()) {
      return "false";
    }
    if (grant.level() != null) {
      return grant.level();
    }
    return grant.limit() == null ? "true" : String.valueOf(grant.limit());
  }

  private static ObjectNode wallet(Wallet wallet) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("balance", wallet.balance().toPlainString());
    node.put("drawn", wallet.drawn().toPlainString());
    node.put("alerts", wallet.alerts());
    return node;
  }

  private static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void last(ObjectNode node, String key, ArrayNode list) {
    JsonNode last = list.isEmpty() ? null : list.get(list.size() - 1);
    if (last != null) {
      node.set(key, last);
    }
  }

  private static ObjectNode subscription(Subscription subscription, ZoneId zone) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("state", subscription.state().word());
    subscription.items().stream()
        .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
        .max(Comparator.comparing(SubscriptionItem::from))
        .ifPresent(
            item -> {
              node.put("plan", item.key());
              node.put("quantity", item.quantity());
            });
    node.put("cycle", subscription.cycle().toString());
    node.put("start", day(subscription.current().start(), zone));
    node.put("end", day(subscription.current().end(), zone));
    node.put("scheduled", subscription.scheduled().size());
    return node;
  }

  private static String day(Instant instant, ZoneId zone) {
    return LocalDate.ofInstant(instant, zone).toString();
  }

  private static ObjectNode invoice(InvoiceDetails details, ZoneId zone) {
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
}
