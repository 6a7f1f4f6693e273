package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.joda.money.Money;

/** The room's routes. */
final class PaymentRoutes {
  private static final String INVOICE = "/api/billing/invoices/{id}";
  private static final String PAYMENTS = "/api/billing/payments";
  private static final String METHOD = "/api/billing/tenants/{tenant}/payment-method";

  private final Payments payments;
  private final Refunds refunds;
  private final PaymentParts parts;

  PaymentRoutes(Payments payments, Refunds refunds, PaymentParts parts) {
    this.payments = payments;
    this.refunds = refunds;
    this.parts = parts;
  }

  void mount(Routes routes) {
    routes.get(INVOICE + "/payments", Role.READERS, this::ofInvoice);
    routes.post(INVOICE + "/payments", Role.STAFF, this::record);
    routes.postDirect(INVOICE + "/collect", Role.STAFF, this::collect);
    routes.get(PAYMENTS, Role.READERS, this::page).paged().query("tenant");
    routes.get(PAYMENTS + "/{id}", Role.READERS, this::one);
    routes.postDirect(PAYMENTS + "/{id}/refunds", Role.STAFF, this::refund);
    routes.get(METHOD, Role.READERS, this::method);
    routes.put(METHOD, Role.STAFF, this::setMethod);
  }

  private Reply ofInvoice(Call call, Transaction tx) {
    String invoice = call.path("id");
    if (parts.invoices().find(tx, invoice).isEmpty()) {
      throw Problem.notFound("invoice", invoice);
    }
    return Reply.ok(
        Map.of("items", payments.ofInvoice(tx, invoice).stream().map(AttemptJson::of).toList()));
  }

  private Reply record(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    Money amount = fields.findObject("amount").map(PaymentRoutes::amount).orElse(null);
    String reference = fields.findName("reference").orElse(null);
    fields.close();
    Attempt receipt =
        payments.record(tx, call.path("id"), amount, reference, call.principal().id());
    return Reply.created(PAYMENTS + "/" + receipt.id(), AttemptJson.of(receipt));
  }

  private Reply collect(Call call) {
    Optional<Attempt> attempt = payments.collect(call.path("id"), call.principal().id());
    return attempt
        .map(made -> Reply.created(PAYMENTS + "/" + made.id(), AttemptJson.of(made)))
        .orElseThrow(() -> payments.nothingDue(call.path("id")));
  }

  private Reply page(Call call, Transaction tx) {
    PageRequest page = call.page();
    return Reply.ok(
        Page.of(
                payments.store().page(tx, call.tenantFilter().orElse(null), page),
                page,
                Attempt::id)
            .map(AttemptJson::of));
  }

  private Reply one(Call call, Transaction tx) {
    return Reply.ok(
        payments
            .store()
            .find(tx, call.path("id"))
            .map(AttemptJson::of)
            .orElseThrow(() -> Problem.notFound("payment", call.path("id"))));
  }

  private Reply refund(Call call) {
    JsonFields fields = call.fields();
    Money amount = amount(fields.object("amount"));
    fields.close();
    Attempt refund = refunds.refund(call.path("id"), amount, call.principal().id());
    return Reply.created(PAYMENTS + "/" + refund.id(), AttemptJson.of(refund));
  }

  private Reply method(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    call.mustBeOwn(tenant);
    parts.payers().payer(tx, tenant);
    return Reply.ok(payments.method(tx, tenant).json());
  }

  private Reply setMethod(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    JsonFields fields = call.fields();
    String provider = fields.text("provider");
    String customer = fields.findText("customer").orElse(null);
    fields.close();
    payments.payBy(tx, call.principal().id(), tenant, provider, customer);
    return Reply.ok(payments.method(tx, tenant).json());
  }

  private static Money amount(JsonFields fields) {
    BigDecimal amount = fields.decimal("amount");
    String currency = fields.text("currency");
    fields.close();
    try {
      Amounts.currency(currency);
    } catch (IllegalArgumentException e) {
      throw fields.wrong("currency", String.valueOf(e.getMessage()));
    }
    try {
      return Amounts.exact(amount, currency);
    } catch (IllegalArgumentException e) {
      throw fields.wrong("amount", String.valueOf(e.getMessage()));
    }
  }
}
