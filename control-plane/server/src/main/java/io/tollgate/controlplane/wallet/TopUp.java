package io.tollgate.controlplane.wallet;

import java.math.BigDecimal;
import java.time.Instant;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * Money to be paid into a wallet by an invoice of its own.
 *
 * @param id {@code wtu_...}
 * @param tenant whose
 * @param wallet the wallet's id
 * @param currency the wallet's
 * @param amount over 0, within the minor unit; no tax is due on it
 * @param priority of the credit it becomes
 * @param expiresAt when that credit expires; null for never
 * @param invoice the invoice's id; null until it is made
 * @param state how far it is
 * @param at when it was asked for, by the tenant's clock
 */
public record TopUp(
    String id,
    String tenant,
    String wallet,
    CurrencyUnit currency,
    BigDecimal amount,
    int priority,
    @Nullable Instant expiresAt,
    @Nullable String invoice,
    State state,
    Instant at) {
  /** When somebody is asked for the money. */
  public enum Collection {
    /** At once, whatever the catalog's steps for unpaid invoices say. */
    AT_ONCE,
    /** At once where the tenant has a means of payment that can be charged, else by the steps. */
    IF_CHARGEABLE,
    /** By the steps for unpaid invoices alone. */
    BY_STEPS
  }

  /** How far a top-up is. */
  public enum State {
    /** Its invoice is not paid. */
    PENDING,
    /** Paid, and in the wallet. */
    SETTLED,
    /** Its invoice was voided. */
    VOID
  }
}
