package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An invoice or credit note without its lines. All amounts carry the same currency; a credit note's
 * subtotal, tax and total are negative.
 *
 * @param id {@code inv_...}
 * @param tenant who owes
 * @param kind invoice or credit note
 * @param status how far it has come
 * @param number from its series; null while it is a draft, where it is closed, and to the end of
 *     the transaction that makes one final which gets its number last
 * @param subscriptions whose charges it carries; empty for a credit note by hand
 * @param period the one it bills in advance; where all is in arrears, from the first to the last
 *     instant of that
 * @param issuedAt the invoice's instant by the tenant's clock: day 1 of document 002
 * @param issuedOn the same as a date in the tenant's billing zone
 * @param dueAt when payment is due: the start of the due day in the tenant's billing zone
 * @param dueOn the due day: day 7 by default
 * @param totals what it comes to
 * @param settled what has been paid and credited so far
 * @param corrects the invoice a credit note lowers, if one
 */
public record Invoice(
    String id,
    String tenant,
    DocumentKind kind,
    InvoiceStatus status,
    @Nullable String number,
    List<String> subscriptions,
    Period period,
    Instant issuedAt,
    LocalDate issuedOn,
    Instant dueAt,
    LocalDate dueOn,
    Totals totals,
    Settled settled,
    @Nullable String corrects) {
  public Invoice {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(tenant, "tenant");
    subscriptions = List.copyOf(subscriptions);
    if (number != null && (status == InvoiceStatus.DRAFT || status == InvoiceStatus.CLOSED)) {
      throw new IllegalArgumentException("number: a draft has none");
    }
  }

  /** The invoice's one currency. */
  public CurrencyUnit currency() {
    return totals.total().getCurrencyUnit();
  }

  /** What is still to be paid: zero unless the invoice is open. */
  public Money amountDue() {
    return status == InvoiceStatus.OPEN
        ? totals.total().minus(settled.paid()).minus(settled.credited()).minus(settled.wallet())
        : Money.zero(currency());
  }

  /** What of a document that is not made would be to be paid, were it final. */
  public Money dueWhenFinal() {
    Money total = totals.total();
    return total.isPositive()
        ? total.minus(settled.paid()).minus(settled.credited()).minus(settled.wallet())
        : Money.zero(currency());
  }

  /** Whether it gives back what a change credits, rather than correct one invoice by hand. */
  boolean givesBack() {
    return kind == DocumentKind.CREDIT_NOTE && corrects == null;
  }

  /** The same invoice in another state, with another number. */
  Invoice with(InvoiceStatus status, @Nullable String number) {
    return new Invoice(
        id,
        tenant,
        kind,
        status,
        number,
        subscriptions,
        period,
        issuedAt,
        issuedOn,
        dueAt,
        dueOn,
        totals,
        settled,
        corrects);
  }

  /** The same document, naming what it corrects so. */
  Invoice correcting(String named) {
    return new Invoice(
        id,
        tenant,
        kind,
        status,
        number,
        subscriptions,
        period,
        issuedAt,
        issuedOn,
        dueAt,
        dueOn,
        totals,
        settled,
        named);
  }

  /** The same invoice, settled so far. */
  Invoice with(Settled settled) {
    return new Invoice(
        id,
        tenant,
        kind,
        status,
        number,
        subscriptions,
        period,
        issuedAt,
        issuedOn,
        dueAt,
        dueOn,
        totals,
        settled,
        corrects);
  }

  /**
   * What an invoice comes to.
   *
   * @param subtotal all lines, after discounts, before tax
   * @param tax all lines' tax
   * @param total subtotal plus tax
   */
  public record Totals(Money subtotal, Money tax, Money total) {
    public Totals {
      if (!subtotal.plus(tax).equals(total)) {
        throw new IllegalArgumentException("total: " + subtotal + " + " + tax + " is not " + total);
      }
    }
  }

  /**
   * What has been given towards an invoice.
   *
   * @param paid money received, refunds taken off
   * @param credited credit notes and balance applied
   * @param wallet paid from the tenant's prepaid credit
   */
  public record Settled(Money paid, Money credited, Money wallet) {
    /** Nothing given yet. */
    public static Settled nothing(CurrencyUnit currency) {
      Money zero = Money.zero(currency);
      return new Settled(zero, zero, zero);
    }

    /** The same with so much credited more, of which a wallet had paid a part. */
    Settled creditedBy(Money amount, Money fromWallet) {
      return new Settled(paid, credited.plus(amount), wallet.minus(fromWallet));
    }
  }
}
