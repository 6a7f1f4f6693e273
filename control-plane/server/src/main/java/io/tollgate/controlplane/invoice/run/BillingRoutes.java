package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceView;
import io.tollgate.controlplane.subscription.AddOnWish;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.subscription.PlanWish;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.subscription.TrialEnd;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Previews of changes and of what comes by itself, one-off charges, invoices on demand, the
 * reconciliation.
 */
final class BillingRoutes implements Room {
  private static final String SUBSCRIPTION = "/api/billing/subscriptions/{id}";

  private final Billing billing;
  private final Subscriptions subscriptions;
  private final TenantClocks clocks;
  private final Audit audit;
  private final Outlook outlook;
  private final Tenants tenants;

  BillingRoutes(InvoiceRoom.Parts parts, Billing billing, Outlook outlook) {
    this.billing = billing;
    this.outlook = outlook;
    this.subscriptions = parts.subscriptions();
    this.clocks = parts.clocks();
    this.audit = parts.audit();
    this.tenants = parts.tenants();
  }

  @Override
  public void mount(Routes routes) {
    routes.post(SUBSCRIPTION + "/preview", Role.STAFF_OR_TENANT, this::preview).onlyLooks();
    routes.get(SUBSCRIPTION + "/upcoming-invoice", Role.READERS, this::upcoming);
    routes.post("/api/billing/invoices", Role.STAFF, this::generate);
    routes
        .get(
            "/api/billing/reconciliation",
            Role.READERS,
            (call, tx) -> {
              String tenant = tenants.get(tx, call.tenant()).id();
              return Reply.ok(billing.reconcile(tx, tenant, subscriptions));
            })
        .query("tenant");
  }

  /**
   * What a change would bill, or the next step.
   *
   * @param effectiveAt when it would take effect
   * @param invoices the documents it would make then
   */
  private record Preview(Instant effectiveAt, List<InvoiceView.Whole> invoices) {}

  private Reply preview(Call call, Transaction tx) {
    Subscription subscription = subscription(call, tx);
    outlook.foresee(tx, subscription, clocks.now(tx, subscription.tenant()));
    JsonFields fields = call.fields();
    Revision step = step(tx, fields, subscription);
    fields.close();
    return reply(outlook.of(tx, subscription, step));
  }

  /** What comes next by itself, with the usage so far. */
  private Reply upcoming(Call call, Transaction tx) {
    return reply(outlook.upcoming(tx, subscription(call, tx)));
  }

  private static Reply reply(Outlook.Seen seen) {
    return Reply.ok(
        new Preview(
            seen.effectiveAt(),
            seen.invoices().stream().map(InvoiceView.Whole::ofPreview).toList()));
  }

  private Revision step(Transaction tx, JsonFields fields, Subscription subscription) {
    if (fields.bool("cancel", false)) {
      return subscriptions.previewCancel(tx, subscription, Cancellation.read(fields));
    }
    if (fields.has("ends")) {
      return subscriptions.previewTrial(tx, subscription, TrialEnd.read(fields));
    }
    When when = PlanWish.when(fields);
    if (fields.bool("migrate", false)) {
      return migration(tx, subscription, when);
    }
    Instant now = clocks.now(tx, subscription.tenant());
    if (fields.has("addOn")) {
      return subscriptions.previewChange(
          tx, subscription, AddOnWish.read(fields).of(subscription, now), when);
    }
    PlanWish wish = PlanWish.read(fields);
    Change.ToPlan change = wish.of(subscription, now);
    boolean endsTrial = TrialEnd.comesWith(fields, when);
    return wish.inItsWords(
        () ->
            endsTrial
                ? subscriptions.previewTrial(tx, subscription, new TrialEnd(null, change))
                : subscriptions.previewChange(tx, subscription, change, when));
  }

  private Revision migration(Transaction tx, Subscription subscription, @Nullable When when) {
    try {
      return subscriptions.previewChange(tx, subscription, new Change.ToVersion(), when);
    } catch (Problem refused) {
      throw refused.inside(field -> field.equals("when") ? field : "migrate");
    }
  }

  /**
   * Bills a subscription now: the charges given, and those that wait. With {@code later} they wait
   * for the subscription's next invoice instead.
   */
  private Reply generate(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    String id = fields.text("subscription");
    Subscription subscription =
        subscriptions
            .find(tx, id)
            .orElseThrow(() -> fields.wrong("subscription", "there is no subscription " + id));
    Instant now = clocks.now(tx, subscription.tenant());
    List<OneOffCharge> charges =
        fields.objects("lines").stream().map(BillingRoutes::charge).toList();
    boolean later = fields.bool("later", false);
    fields.close();
    List<String> made = new ArrayList<>();
    for (OneOffCharge charge : charges) {
      try {
        made.add(billing.charge(tx, subscription, charge, now));
      } catch (Problem refused) {
        throw refused.inside(field -> "lines[" + made.size() + "]." + field);
      }
    }
    audit.record(
        tx,
        call.principal().id(),
        "invoice.requested",
        id,
        subscription.tenant(),
        Map.of("lines", charges.size(), "later", later));
    if (later) {
      return Reply.accepted(Map.of("waiting", made));
    }
    Invoice invoice =
        billing
            .billWaiting(tx, subscription, now)
            .orElseThrow(
                () ->
                    subscriptions.conflict(
                        tx,
                        subscription,
                        "nothing is due; its next invoice is made at "
                            + subscription.current().end()));
    return Reply.created("/api/billing/invoices/" + invoice.id(), InvoiceView.of(invoice));
  }

  private static OneOffCharge charge(JsonFields fields) {
    OneOffCharge charge =
        new OneOffCharge(
            fields.findText("item").orElse(OneOffCharge.ITEM),
            fields.text("description"),
            fields.findDecimal("quantity").orElse(BigDecimal.ONE),
            fields.decimal("unitPrice"),
            fields.findText("taxCategory").orElse(TaxRates.STANDARD));
    fields.close();
    return charge;
  }

  private Subscription subscription(Call call, Transaction tx) {
    String id = call.path("id");
    return subscriptions
        .findWithClock(tx, id)
        .orElseThrow(() -> Problem.notFound("subscription", id));
  }
}
