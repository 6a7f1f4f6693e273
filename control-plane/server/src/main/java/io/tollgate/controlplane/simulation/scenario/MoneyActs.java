package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.CreditNote;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceStateException;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.simulation.scenario.ScriptedProvider.Means;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Does what is used, billed and paid. Not thread-safe. */
final class MoneyActs {
  private final Stage stage;

  MoneyActs(Stage stage) {
    this.stage = stage;
  }

  void take(Transaction tx, Step step, Action.OfMoney action) {
    String tenant = stage.tenant(step);
    switch (action) {
      case Action.Use a -> use(tx, tenant, a);
      case Action.Charge a -> charge(tx, step, a);
      case Action.Finalize a -> makeFinal(tx, step);
      case Action.Pay a -> pay(tx, step, a);
      case Action.PayFromWallet a -> payFromWallet(tx, step, a);
      case Action.PayBy a -> payBy(tx, step, a.means());
      case Action.Credit a -> credit(tx, step, a);
      case Action.Withdraw a ->
          invoices().makeVoid(tx, invoice(tx, step, a.number()).id(), a.reason(), step.at());
      case Action.Refund a -> refund(tx, step, a);
      case Action.Deliver a -> deliver(tx, step, a);
      case Action.Reconcile a -> reconcile(tx, step);
      case Action.Grant a -> grant(tx, tenant, a);
      case Action.TopUp a -> topUp(tx, tenant, a);
      case Action.SetWallet a -> {
        String wallet = rooms().wallets().open(tx, tenant, a.asset()).id();
        rooms().wallets().configure(tx, Stage.ACTOR, wallet, a.settings());
      }
    }
  }

  private ScenarioRunner.Rooms rooms() {
    return stage.rooms();
  }

  private Invoices invoices() {
    return rooms().invoices().invoices();
  }

  private void use(Transaction tx, String tenant, Action.Use a) {
    List<UsageEvent> events = new ArrayList<>();
    a.units()
        .forEach(
            (meter, each) ->
                each.forEach(
                    units ->
                        events.add(
                            new UsageEvent(
                                tenant, meter, counted(tx, meter, units), null, a.used()))));
    rooms().usage().record(tx, events);
  }

  /** Units as the whole number of their smallest parts, as they are counted. */
  private long counted(Transaction tx, String meter, BigDecimal units) {
    List<Catalog> versions = rooms().catalogs().versions(tx, stage.catalog());
    Meter known = versions.getLast().meters().get(meter);
    if (versions.stream()
        .noneMatch(
            sold -> sold.meters().containsKey(meter) || sold.features().containsKey(meter))) {
      throw Problem.invalid(
          "meter",
          "the catalog has no meter or feature '"
              + meter
              + "' that could be counted; it has "
              + (versions.getLast().meters().isEmpty()
                  ? "no meters"
                  : "the meters " + String.join(", ", versions.getLast().meters().keySet())));
    }
    int decimals = known == null ? 0 : known.decimals();
    try {
      return units.movePointRight(decimals).longValueExact();
    } catch (ArithmeticException e) {
      throw Problem.invalid(meter, "at most " + decimals + " decimals are counted");
    }
  }

  private void charge(Transaction tx, Step step, Action.Charge a) {
    Subscription of = stage.subscription(tx, step);
    rooms().invoices().billing().charge(tx, of, a.what(), step.at());
    if (a.now()) {
      rooms().invoices().billing().billWaiting(tx, of, step.at());
    }
  }

  private void makeFinal(Transaction tx, Step step) {
    Invoice draft =
        all(tx, step)
            .filter(invoice -> invoice.status() == InvoiceStatus.DRAFT)
            .findFirst()
            .orElseThrow(() -> Problem.conflict("no draft waits; only drafts are made final"));
    rooms().invoices().billing().finalizeDrafts(tx, List.of(draft.id()));
  }

  private void pay(Transaction tx, Step step, Action.Pay a) {
    BigDecimal left = a.amount();
    List<Invoice> open = payable(tx, step, a.number());
    for (Invoice invoice : open) {
      Money amount = left == null ? invoice.amountDue() : money(left, invoice.currency());
      rooms().payments().record(tx, invoice.id(), amount, stage.reference(), Stage.ACTOR);
      if (left != null) {
        return;
      }
    }
  }

  /** The invoice of a number, or all that are open. */
  private List<Invoice> payable(Transaction tx, Step step, @Nullable String number) {
    List<Invoice> payable =
        number == null
            ? invoices().open(tx, stage.tenant(step))
            : List.of(invoice(tx, step, number));
    if (payable.isEmpty()) {
      throw Problem.conflict("no invoice is open; a payment needs one");
    }
    return payable;
  }

  private void payFromWallet(Transaction tx, Step step, Action.PayFromWallet a) {
    List<Invoice> open = payable(tx, step, a.number());
    int refused = 0;
    for (Invoice invoice : open) {
      Money most = a.amount() == null ? null : money(a.amount(), invoice.currency());
      try {
        invoices().payFromWallet(tx, invoice.id(), most, step.at());
        if (most != null) {
          return;
        }
      } catch (InvoiceStateException e) {
        // Another currency's wallet may pay another one.
        if (++refused == open.size()) {
          throw e;
        }
      }
    }
  }

  private void payBy(Transaction tx, Step step, Means means) {
    boolean transfer = means == Means.BANK_TRANSFER;
    rooms()
        .payments()
        .payBy(
            tx,
            Stage.ACTOR,
            stage.tenant(step),
            transfer ? ManualProvider.NAME : ScriptedProvider.NAME,
            transfer ? null : means.customer());
  }

  private void credit(Transaction tx, Step step, Action.Credit a) {
    Invoice invoice = invoice(tx, step, a.number());
    List<CreditNote.Part> parts =
        a.lines().stream()
            .map(
                part ->
                    new CreditNote.Part(
                        part.line(),
                        part.amount() == null ? null : money(part.amount(), invoice.currency()),
                        part.quantity()))
            .toList();
    CreditNote.Occasion why = new CreditNote.Occasion(a.reason(), step.at(), a.refund());
    try {
      if (a.amount() == null) {
        invoices().creditLines(tx, invoice.id(), parts, why);
      } else {
        Money amount = money(a.amount(), invoice.currency());
        invoices().credit(tx, invoice.id(), amount, why);
      }
    } catch (IllegalArgumentException e) {
      throw named(e);
    }
  }

  private void refund(Transaction tx, Step step, Action.Refund a) {
    CurrencyUnit currency = a.currency() == null ? stage.owner(tx, step).currency() : a.currency();
    Money amount = money(a.amount(), currency);
    try {
      invoices().refund(tx, stage.tenant(step), amount, stage.reference(), step.at());
    } catch (IllegalArgumentException e) {
      throw ofAmount(e);
    }
  }

  /** The message names the field. */
  private static Problem named(IllegalArgumentException e) {
    String[] parts = String.valueOf(e.getMessage()).split(": ", 2);
    return parts.length == 2
        ? Problem.invalid(parts[0], parts[1])
        : Problem.invalid("amount", parts[0]);
  }

  /** The message names the field already. */
  private static Problem ofAmount(IllegalArgumentException e) {
    return Problem.invalid("amount", String.valueOf(e.getMessage()).replaceFirst("^amount: ", ""));
  }

  private void deliver(Transaction tx, Step step, Action.Deliver a) {
    invoices().delivered(tx, invoice(tx, step, a.number()), a.handover(), step.at());
  }

  private void reconcile(Transaction tx, Step step) {
    JsonNode result =
        Wire.mapper()
            .valueToTree(
                rooms()
                    .invoices()
                    .billing()
                    .reconcile(tx, stage.tenant(step), rooms().subscriptions()));
    stage.keep(step, "reconciliation", Wire.tree(stage.plain(result.toString())));
  }

  /** An amount that somebody pays or is paid. */
  private static Money money(BigDecimal amount, CurrencyUnit currency) {
    if (!Amounts.isInRange(amount)) {
      throw Problem.invalid("amount", Amounts.RANGE);
    }
    try {
      return Amounts.exact(amount, currency.getCode());
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("amount", String.valueOf(e.getMessage()));
    }
  }

  private void grant(Transaction tx, String tenant, Action.Grant a) {
    Deposit deposit =
        new Deposit(a.amount(), a.priority(), a.expires(), Credit.Source.GRANT, stage.reference());
    rooms().wallets().deposit(tx, Stage.ACTOR, tenant, a.asset(), deposit);
  }

  private void topUp(Transaction tx, String tenant, Action.TopUp a) {
    Deposit deposit =
        new Deposit(a.amount(), a.priority(), a.expires(), Credit.Source.TOP_UP, stage.reference());
    String wallet = rooms().wallets().open(tx, tenant, a.asset()).id();
    rooms().wallets().topUp(tx, Stage.ACTOR, wallet, deposit, a.collection());
  }

  private Invoice invoice(Transaction tx, Step step, @Nullable String number) {
    return stage.invoice(tx, step, number).invoice();
  }

  /** All of the tenant's documents, oldest first. */
  private Stream<Invoice> all(Transaction tx, Step step) {
    return invoices().all(tx, stage.tenant(step)).stream().map(InvoiceDetails::invoice);
  }
}
