package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.SettlementStore.Entry;
import io.tollgate.controlplane.invoice.SettlementStore.Kind;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.JsonFields;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Invoices and credit notes that another system made, and balances it kept. The documents keep
 * their numbers in a series of their own, are final as they come, and nothing happens by itself
 * because of them: they bill nothing here, are not collected, remind nobody and block nobody. An
 * open one can be paid, credited or voided by hand. Thread-safe.
 */
public final class History {
  /** What the series of imported documents begin with; no catalog's name has capitals. */
  static final String SERIES = "imported/";

  private final Ids ids;
  private final Tenants tenants;
  private final TenantClocks clocks;
  private final Audit audit;
  private final SettlementStore settlements;
  private final InvoiceStore invoices = new InvoiceStore();

  /** History brought to these tenants. */
  public History(Ids ids, Tenants tenants, TenantClocks clocks, Audit audit) {
    this.ids = ids;
    this.tenants = tenants;
    this.clocks = clocks;
    this.audit = audit;
    this.settlements = new SettlementStore(ids);
  }

  /**
   * Brings one document, as exports write it; {@code lines} may say what it is made of, else one
   * line does.
   *
   * @throws io.tollgate.controlplane.web.Problem 422 naming the field that cannot be
   */
  public Invoice bring(Transaction tx, String actor, JsonFields fields) {
    String id = fields.text("tenant");
    Tenant tenant =
        tenants.find(tx, id).orElseThrow(() -> fields.wrong("tenant", "there is no tenant " + id));
    Invoice invoice = new Reading(tx, fields, tenant).invoice();
    List<InvoiceLine> lines = new HistoryLines(invoice).read(fields);
    fields.close();
    store(tx, tenant, invoice, lines);
    audit.record(
        tx,
        actor,
        "invoice.imported",
        invoice.id(),
        tenant.id(),
        Map.of("number", String.valueOf(invoice.number()), "total", invoice.totals().total()));
    return invoice;
  }

  /**
   * Brings what a tenant had on its balance elsewhere, once for each currency.
   *
   * @param fields {@code currency} and {@code amount}
   * @throws io.tollgate.controlplane.web.Problem 422 naming the field that cannot be
   */
  public void bringBalance(Transaction tx, String actor, String tenant, JsonFields fields) {
    CurrencyUnit currency = HistoryLines.currency(fields, tenants.get(tx, tenant).currency());
    Money amount = HistoryLines.money(fields, "amount", currency);
    fields.close();
    if (!amount.isPositive()) {
      throw fields.wrong("amount", "over 0 is expected");
    }
    Money before = balance(tx, tenant, currency);
    settlements.addToBalance(
        tx,
        new Entry(
            Kind.BALANCE,
            tenant,
            null,
            amount,
            "imported:" + tenant + ":" + currency.getCode(),
            clocks.now(tx, tenant)));
    if (balance(tx, tenant, currency).equals(before)) {
      throw fields.wrong("currency", "a balance of " + currency.getCode() + " was brought before");
    }
    audit.record(tx, actor, "balance.imported", tenant, tenant, Map.of("amount", amount));
  }

  private Money balance(Transaction tx, String tenant, CurrencyUnit currency) {
    return settlements
        .balances(tx, List.of(tenant), currency)
        .getOrDefault(tenant, Money.zero(currency));
  }

  private void store(Transaction tx, Tenant tenant, Invoice invoice, List<InvoiceLine> lines) {
    Customer customer =
        Objects.requireNonNull(
            new TenantCustomers(tenants).of(tx, List.of(tenant.id())).get(tenant.id()));
    InvoiceDetails whole =
        new InvoiceDetails(
            invoice.with(InvoiceStatus.DRAFT, null),
            lines,
            new Party("", List.of(), List.of()),
            customer.billedTo(),
            new InvoiceDetails.Print(customer.locale(), customer.zone(), "", List.of(), false));
    String series = series(invoice.kind());
    Draft draft = new Draft(whole, series, List.of(), invoice.issuedAt());
    InvoiceInserts.insertParts(tx, List.of(draft));
    long ordinal = Numbers.take(tx, series, 1);
    InvoiceInserts.insertHeads(tx, List.of(new InvoiceInserts.Head(draft, invoice, ordinal)));
    settlements.settle(tx, invoice);
    if (invoice.settled().paid().isPositive()) {
      settlements.record(
          tx,
          new Entry(
              Kind.PAYMENT,
              invoice.tenant(),
              invoice.id(),
              invoice.settled().paid(),
              "imported:" + invoice.id(),
              invoice.issuedAt()));
    }
  }

  private static String series(DocumentKind kind) {
    return switch (kind) {
      case INVOICE -> SERIES + "INV";
      case CREDIT_NOTE -> SERIES + "CN";
    };
  }

  /** The head of one document, field by field. */
  private final class Reading {
    private final Transaction tx;
    private final JsonFields fields;
    private final Tenant tenant;
    private final CurrencyUnit currency;

    Reading(Transaction tx, JsonFields fields, Tenant tenant) {
      this.tx = tx;
      this.fields = fields;
      this.tenant = tenant;
      this.currency = HistoryLines.currency(fields, tenant.currency());
    }

    Invoice invoice() {
      DocumentKind kind = fields.findOneOf("kind", DocumentKind.class).orElse(DocumentKind.INVOICE);
      LocalDate issuedOn =
          fields
              .findDate("issuedOn")
              .orElseThrow(() -> fields.wrong("issuedOn", "this field is missing"));
      LocalDate dueOn = fields.findDate("dueOn").orElse(issuedOn);
      Instant issuedAt = start(issuedOn);
      if (issuedAt.isAfter(clocks.now(tx, tenant.id()))) {
        throw fields.wrong("issuedOn", "only what was issued already is history");
      }
      Invoice.Totals totals = totals(kind);
      InvoiceStatus status = status();
      return new Invoice(
          ids.next("inv"),
          tenant.id(),
          kind,
          status,
          number(kind),
          List.of(),
          period(issuedOn),
          issuedAt,
          issuedOn,
          start(dueOn),
          dueOn,
          totals,
          settled(kind, status, totals.total()),
          corrects(kind, status, totals.total()));
    }

    private String number(DocumentKind kind) {
      String number = fields.text("number");
      if (InvoiceStore.numbered(tx, series(kind), number).isPresent()) {
        throw fields.wrong("number", "'" + number + "' was brought before");
      }
      return number;
    }

    private InvoiceStatus status() {
      InvoiceStatus status =
          fields.findOneOf("status", InvoiceStatus.class).orElse(InvoiceStatus.PAID);
      if (status == InvoiceStatus.DRAFT || status == InvoiceStatus.CLOSED) {
        throw fields.wrong("status", "only final documents are history: OPEN, PAID or VOID");
      }
      return status;
    }

    private Period period(LocalDate issuedOn) {
      Instant start = fields.findInstant("periodStart").orElseGet(() -> start(issuedOn));
      Instant end = fields.findInstant("periodEnd").orElseGet(() -> start(issuedOn.plusDays(1)));
      if (!start.isBefore(end)) {
        throw fields.wrong("periodEnd", "an instant after " + start + " is expected");
      }
      return new Period(start, end);
    }

    private Invoice.Totals totals(DocumentKind kind) {
      Money subtotal = HistoryLines.money(fields, "subtotal", currency);
      Money tax = HistoryLines.findMoney(fields, "tax", currency).orElse(Money.zero(currency));
      Money sum = subtotal.plus(tax);
      Money total = HistoryLines.findMoney(fields, "total", currency).orElse(sum);
      if (!total.equals(sum)) {
        throw fields.wrong("total", subtotal + " and " + tax + " are " + sum + ", not " + total);
      }
      if (kind == DocumentKind.INVOICE ? total.isNegative() : total.isPositive()) {
        throw fields.wrong(
            "total", "an invoice asks for something, a credit note's total is below zero");
      }
      return new Invoice.Totals(subtotal, tax, total);
    }

    /** An invoice that says no more than that it is paid was paid in full. */
    private Invoice.Settled settled(DocumentKind kind, InvoiceStatus status, Money total) {
      Money zero = Money.zero(currency);
      Money credited = HistoryLines.findMoney(fields, "credited", currency).orElse(zero);
      boolean isPaid = status == InvoiceStatus.PAID && kind == DocumentKind.INVOICE;
      Money paid =
          HistoryLines.findMoney(fields, "paid", currency)
              .orElse(isPaid ? total.minus(credited) : zero);
      Money given = paid.plus(credited);
      boolean fits =
          !paid.isNegative()
              && !credited.isNegative()
              && switch (status) {
                case OPEN -> kind == DocumentKind.INVOICE && given.isLessThan(total);
                case PAID -> kind == DocumentKind.CREDIT_NOTE || given.equals(total);
                case VOID, DRAFT, CLOSED -> given.isZero();
              };
      if (!fits) {
        throw fields.wrong(
            "paid",
            paid + " and credited " + credited + " of " + total + " do not make it " + status);
      }
      return new Invoice.Settled(paid, credited, zero);
    }

    private @Nullable String corrects(DocumentKind kind, InvoiceStatus status, Money total) {
      Optional<String> number = fields.findText("corrects");
      if (number.isEmpty()) {
        return null;
      }
      if (kind != DocumentKind.CREDIT_NOTE) {
        throw fields.wrong("corrects", "only a credit note corrects an invoice");
      }
      Invoice invoice =
          InvoiceStore.numbered(tx, series(DocumentKind.INVOICE), number.get())
              .flatMap(id -> invoices.find(tx, id))
              .filter(found -> found.tenant().equals(tenant.id()))
              .orElseThrow(
                  () ->
                      fields.wrong(
                          "corrects",
                          "no invoice '" + number.get() + "' of " + tenant.id() + " was brought"));
      mustBeWithin(invoice, number.get(), status, total);
      return invoice.id();
    }

    /** Nobody gets more back of an invoice than it asked for, nor other money. */
    private void mustBeWithin(Invoice invoice, String number, InvoiceStatus status, Money total) {
      if (!invoice.currency().equals(currency)) {
        throw fields.wrong(
            "currency", "'" + number + "' is in " + invoice.currency() + ", not in " + currency);
      }
      if (status == InvoiceStatus.VOID) {
        return;
      }
      if (invoice.status() == InvoiceStatus.VOID) {
        throw fields.wrong("corrects", "'" + number + "' is void; nothing of it is left");
      }
      Money left = invoice.totals().total().minus(settlements.takenBack(tx, invoice));
      if (total.negated().isGreaterThan(left)) {
        throw fields.wrong(
            fields.has("total") ? "total" : "subtotal",
            "of '" + number + "' " + left + " is left, less than " + total.negated());
      }
    }

    private Instant start(LocalDate day) {
      return day.atStartOfDay(tenant.zone()).toInstant();
    }
  }
}
