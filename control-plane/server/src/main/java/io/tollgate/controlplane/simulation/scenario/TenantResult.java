package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Delivery;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.payment.Attempt;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.wallet.Wallet;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * A tenant at an instant of a scenario, as JSON: what is printed, and what expectations look at.
 * Only what is wanted is asked for.
 */
final class TenantResult {
  private final Stage stage;
  private final Transaction tx;
  private final Tenant tenant;
  private final Wanted wanted;
  private final ObjectNode node = Wire.mapper().createObjectNode();

  private TenantResult(Stage stage, Transaction tx, Tenant tenant, Wanted wanted) {
    this.stage = stage;
    this.tx = tx;
    this.tenant = tenant;
    this.wanted = wanted;
  }

  /**
   * How a tenant stands.
   *
   * @param name what the scenario calls it
   */
  static ObjectNode of(Stage stage, Transaction tx, Tenant tenant, String name, Wanted wanted) {
    TenantResult result = new TenantResult(stage, tx, tenant, wanted);
    result.addAccount();
    result.addSubscriptions();
    result.addDocuments();
    result.addWallets();
    result.addEntitlements();
    ArrayNode preview = result.node.putArray("preview");
    stage.preview(name).forEach(each -> preview.add(InvoiceResult.ofPreview(each, result.zone())));
    stage.results(name).forEach(result.node::set);
    return result.node;
  }

  private ScenarioRunner.Rooms rooms() {
    return stage.rooms();
  }

  private ZoneId zone() {
    return tenant.zone();
  }

  private void addAccount() {
    if (wanted.any("standing")) {
      node.put(
          "standing",
          InvoiceResult.word(
              rooms().dunning().standing(tx, tenant.id()).standing().state().name()));
    }
    if (wanted.any("balance")) {
      Money balance = rooms().invoices().invoices().balance(tx, tenant.id(), tenant.currency());
      node.put("balance", balance.getAmount().toPlainString());
    }
  }

  private void addSubscriptions() {
    if (!wanted.any("subscription", "subscriptions")) {
      return;
    }
    ArrayNode all = node.putArray("subscriptions");
    for (Subscription each : rooms().subscriptions().of(tx, tenant.id())) {
      ObjectNode one = SubscriptionResult.of(each, zone());
      if (wanted.inside("periods", "history")) {
        SubscriptionResult.addHistory(
            one, rooms().subscriptions().revisions(tx, each.id()), zone());
      }
      all.add(one);
    }
    last("subscription", all);
  }

  private void addDocuments() {
    if (!wanted.any(
        "invoices",
        "credit-notes",
        "last",
        "last-credit-note",
        "invoiced",
        "due",
        "currencies",
        "payments",
        "deliveries")) {
      return;
    }
    Invoices invoices = rooms().invoices().invoices();
    ArrayNode bills = node.putArray("invoices");
    ArrayNode notes = node.putArray("credit-notes");
    Map<CurrencyUnit, Sums> sums = new LinkedHashMap<>();
    sums.put(tenant.currency(), Sums.NONE);
    Map<String, String> numbers = new LinkedHashMap<>();
    for (InvoiceDetails details : invoices.all(tx, tenant.id())) {
      boolean note = details.invoice().kind() == DocumentKind.CREDIT_NOTE;
      (note ? notes : bills).add(InvoiceResult.of(details, zone()));
      sums.merge(details.invoice().currency(), Sums.of(details.invoice()), Sums::plus);
      numbers.put(details.invoice().id(), String.valueOf(details.invoice().number()));
    }
    sums.forEach(this::putSums);
    last("last", bills);
    last("last-credit-note", notes);
    if (wanted.any("payments")) {
      addPayments(numbers);
    }
    if (wanted.any("deliveries")) {
      addDeliveries(numbers);
    }
  }

  /** What was invoiced, and what of it is due. */
  private record Sums(BigDecimal invoiced, BigDecimal due) {
    static final Sums NONE = new Sums(BigDecimal.ZERO, BigDecimal.ZERO);

    static Sums of(Invoice invoice) {
      return new Sums(invoice.totals().total().getAmount(), invoice.amountDue().getAmount());
    }

    Sums plus(Sums more) {
      return new Sums(invoiced.add(more.invoiced), due.add(more.due));
    }
  }

  /** The tenant's own currency's stand by themselves, others under {@code currencies}. */
  private void putSums(CurrencyUnit currency, Sums sums) {
    boolean own = currency.equals(tenant.currency());
    ObjectNode into =
        own ? node : node.withObjectProperty("currencies").withObjectProperty(currency.getCode());
    into.put("invoiced", sums.invoiced().toPlainString());
    into.put("due", sums.due().toPlainString());
    if (!own) {
      Money balance = rooms().invoices().invoices().balance(tx, tenant.id(), currency);
      into.put("balance", balance.getAmount().toPlainString());
    }
  }

  private void addPayments(Map<String, String> numbers) {
    ArrayNode payments = node.putArray("payments");
    List<String> documents = List.copyOf(numbers.keySet());
    List<Attempt> attempts = new ArrayList<>(rooms().payments().ofTenant(tx, tenant.id()));
    // Several at one instant are made at once.
    attempts.sort(
        Comparator.comparing(Attempt::createdAt)
            .thenComparingInt(attempt -> documents.indexOf(attempt.invoice())));
    for (Attempt attempt : attempts) {
      ObjectNode one = payments.addObject();
      one.put("at", InvoiceResult.day(attempt.createdAt(), zone()));
      one.put("invoice", numbers.get(attempt.invoice()));
      one.put("kind", InvoiceResult.word(attempt.kind().name()));
      one.put("state", InvoiceResult.word(attempt.state().name()));
      one.put("amount", attempt.amount().getAmount().toPlainString());
      one.put("provider", attempt.provider());
      if (attempt.answer().code() != null) {
        one.put("code", attempt.answer().code());
      }
    }
  }

  private void addDeliveries(Map<String, String> numbers) {
    ArrayNode deliveries = node.putArray("deliveries");
    Map<String, List<Delivery>> all =
        rooms().invoices().invoices().deliveries(tx, numbers.keySet());
    numbers.forEach(
        (id, number) ->
            all.getOrDefault(id, List.of())
                .forEach(
                    delivery ->
                        deliveries
                            .addObject()
                            .put("invoice", number)
                            .put("channel", delivery.channel())
                            .put("recipient", delivery.recipient())
                            .put("outcome", InvoiceResult.word(delivery.outcome().name()))
                            .put("detail", delivery.detail())));
  }

  private void addWallets() {
    if (!wanted.any("wallets")) {
      return;
    }
    ObjectNode wallets = node.putObject("wallets");
    for (Wallet wallet : rooms().wallets().of(tx, tenant.id())) {
      ObjectNode one = WalletResult.of(wallet);
      if (wanted.inside("credits", "ledger")) {
        WalletResult.addLedger(
            one,
            rooms().wallets().credits(tx, wallet.id()),
            rooms().wallets().ledger(tx, wallet.id()),
            zone());
      }
      wallets.set(wallet.asset().name(), one);
    }
  }

  private void addEntitlements() {
    if (!wanted.any("features", "limits")) {
      return;
    }
    ObjectNode features = node.putObject("features");
    ObjectNode limits = node.putObject("limits");
    rooms().entitlements().refresh(tx, List.of(tenant.id()));
    Entitlements known = rooms().entitlements().find(tx, tenant.id()).orElse(null);
    if (known != null) {
      known.features().forEach(grant -> features.put(grant.feature(), text(grant)));
      known.rates().forEach(rate -> limits.put(rate.name(), rate.amount()));
      known.quotas().forEach(quota -> limits.put(quota.name(), quota.amount()));
      known.concurrencies().forEach(c -> limits.put(c.name(), c.permits()));
    }
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

  private void last(String key, ArrayNode list) {
    JsonNode last = list.isEmpty() ? null : list.get(list.size() - 1);
    if (last != null) {
      node.set(key, last);
    }
  }
}
