package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.joda.money.Money;

/** Reading and correcting invoices over the API. */
public final class InvoiceRoutes implements Room {
  private static final String PATH = "/api/billing/invoices";

  private final Invoices invoices;
  private final InvoiceStore store = new InvoiceStore();
  private final Drafts drafts;
  private final TenantClocks clocks;
  private final Audit audit;

  /** Makes drafts final before their grace is over. */
  @FunctionalInterface
  public interface Drafts {
    /** Those of the ids that are drafts, composed anew and final; others are left alone. */
    List<Invoice> makeFinal(Transaction tx, List<String> drafts);
  }

  /**
   * Routes over these invoices.
   *
   * @param drafts the run, which composes drafts anew
   */
  public InvoiceRoutes(Invoices invoices, Drafts drafts, TenantClocks clocks, Audit audit) {
    this.invoices = invoices;
    this.drafts = drafts;
    this.clocks = clocks;
    this.audit = audit;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get(PATH, Role.READERS, InvoiceRoutes::list)
        .paged()
        .query("tenant", "status", "subscription");
    routes.get(
        PATH + "/{id}",
        Role.READERS,
        (call, tx) -> Reply.ok(InvoiceView.Whole.of(details(call, tx))));
    routes.post(PATH + "/{id}/finalize", Role.STAFF, this::finalizeNow);
    routes.post(PATH + "/{id}/void", Role.STAFF, this::makeVoid);
    routes.post(PATH + "/{id}/pay-from-wallet", Role.STAFF, this::payFromWallet);
    routes.post(PATH + "/{id}/credit-notes", Role.STAFF, this::credit);
    routes.get(
        PATH + "/{id}/deliveries",
        Role.READERS,
        (call, tx) ->
            Reply.ok(new Page<>(DeliveryStore.of(tx, List.of(found(call, tx).id())), null)));
    routes.post(PATH + "/{id}/deliveries", Role.STAFF, this::delivered);
  }

  private static Reply list(Call call, Transaction tx) {
    PageRequest page = call.page();
    InvoiceFilter filter =
        new InvoiceFilter(
            call.tenantFilter().orElse(null),
            call.query("status").map(InvoiceRoutes::status).orElse(null),
            call.query("subscription").orElse(null));
    return Reply.ok(
        Page.of(InvoiceStore.list(tx, filter, page), page, Invoice::id).map(InvoiceView::of));
  }

  private static InvoiceStatus status(String text) {
    try {
      return InvoiceStatus.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("status", "one of DRAFT, OPEN, PAID, VOID, CLOSED is expected");
    }
  }

  private InvoiceDetails details(Call call, Transaction tx) {
    String id = call.path("id");
    return InvoiceStore.details(tx, id).orElseThrow(() -> Problem.notFound("invoice", id));
  }

  private Reply finalizeNow(Call call, Transaction tx) {
    Invoice draft = locked(call, tx);
    if (draft.status() != InvoiceStatus.DRAFT) {
      throw new InvoiceStateException(draft, "only drafts are made final").problem();
    }
    Invoice after = drafts.makeFinal(tx, List.of(draft.id())).get(0);
    record(call, tx, "invoice.finalized", after, Map.of("number", String.valueOf(after.number())));
    return Reply.ok(InvoiceView.of(after));
  }

  private Reply makeVoid(Call call, Transaction tx) {
    Invoice invoice = found(call, tx);
    JsonFields fields = call.fields();
    String reason = fields.text("reason");
    fields.close();
    Invoice after = refusing(() -> invoices.makeVoid(tx, invoice.id(), reason, now(tx, invoice)));
    record(call, tx, "invoice.voided", after, Map.of("reason", reason));
    return Reply.ok(InvoiceView.of(after));
  }

  private Reply payFromWallet(Call call, Transaction tx) {
    Invoice invoice = found(call, tx);
    JsonFields fields = call.fields();
    Money most = fields.has("amount") ? amount(fields, invoice) : null;
    fields.close();
    Invoice after =
        refusing(() -> invoices.payFromWallet(tx, invoice.id(), most, now(tx, invoice)));
    Money all = after.settled().wallet();
    record(call, tx, "invoice.paid-from-wallet", after, Map.of("wallet", all));
    return Reply.ok(InvoiceView.of(after));
  }

  private Reply credit(Call call, Transaction tx) {
    Invoice invoice = found(call, tx);
    JsonFields fields = call.fields();
    String reason = fields.text("reason");
    List<CreditNote.Part> parts =
        fields.objects("lines").stream().map(line -> part(line, invoice)).toList();
    Money amount = parts.isEmpty() ? amount(fields, invoice) : null;
    boolean refund = fields.bool("refund", false);
    fields.close();
    CreditNote.Occasion why = new CreditNote.Occasion(reason, now(tx, invoice), refund);
    Invoice note =
        refusing(
            () ->
                amount == null
                    ? invoices.creditLines(tx, invoice.id(), parts, why)
                    : invoices.credit(tx, invoice.id(), amount, why));
    Money back = note.totals().total().negated();
    record(call, tx, "invoice.credited", invoice, Map.of("amount", back, "note", note.id()));
    return Reply.created(PATH + "/" + note.id(), InvoiceView.of(note));
  }

  private static CreditNote.Part part(JsonFields fields, Invoice invoice) {
    int line = Math.toIntExact(fields.whole("line", 1, 1_000_000));
    BigDecimal quantity = fields.findDecimal("quantity").orElse(null);
    if (quantity != null && fields.has("amount")) {
      throw fields.wrong("quantity", "is given beside an amount; one of both is expected");
    }
    Money amount = quantity == null ? amount(fields, invoice) : null;
    fields.close();
    return new CreditNote.Part(line, amount, quantity);
  }

  /** What staff did by hand, or another program: post, a portal, an EDI service. */
  private Reply delivered(Call call, Transaction tx) {
    Invoice invoice = found(call, tx);
    JsonFields fields = call.fields();
    Invoices.Handover handover =
        new Invoices.Handover(
            fields.text("channel"),
            fields.text("recipient"),
            fields.findOneOf("outcome", Delivery.Outcome.class).orElse(Delivery.Outcome.SENT),
            fields.findText("detail").orElse(""));
    fields.close();
    Delivery delivery;
    try {
      delivery = invoices.delivered(tx, invoice, handover, clocks.wall().instant());
    } catch (InvoiceStateException e) {
      throw e.problem();
    }
    record(call, tx, "invoice.delivered", invoice, Map.of("channel", delivery.channel()));
    return Reply.created(PATH + "/" + invoice.id() + "/deliveries", delivery);
  }

  private Invoice found(Call call, Transaction tx) {
    String id = call.path("id");
    return store.find(tx, id).orElseThrow(() -> Problem.notFound("invoice", id));
  }

  private static Money amount(JsonFields fields, Invoice invoice) {
    try {
      return Money.of(invoice.currency(), fields.decimal("amount"));
    } catch (ArithmeticException e) {
      throw fields.wrong("amount", "has more decimal places than " + invoice.currency());
    }
  }

  private Invoice locked(Call call, Transaction tx) {
    String id = call.path("id");
    return store.lock(tx, id).orElseThrow(() -> Problem.notFound("invoice", id));
  }

  private Instant now(Transaction tx, Invoice invoice) {
    return clocks.now(tx, invoice.tenant());
  }

  private void record(
      Call call, Transaction tx, String action, Invoice invoice, Map<String, Object> details) {
    audit.record(tx, call.principal().id(), action, invoice.id(), invoice.tenant(), details);
  }

  /** What the state forbids is 409, what an amount forbids is 422. */
  private static Invoice refusing(Supplier<Invoice> work) {
    try {
      return work.get();
    } catch (InvoiceStateException e) {
      throw e.problem();
    } catch (IllegalArgumentException e) {
      String[] parts = String.valueOf(e.getMessage()).split(": ", 2);
      throw parts.length == 2
          ? Problem.invalid(parts[0], parts[1])
          : Problem.invalid("amount", parts[0]);
    }
  }
}
