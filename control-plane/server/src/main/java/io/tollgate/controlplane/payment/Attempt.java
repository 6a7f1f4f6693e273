package io.tollgate.controlplane.payment;

import java.time.Instant;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to move money.
 *
 * @param id {@code pay_...}; the idempotency key the provider gets
 * @param tenant whose
 * @param invoice for which invoice
 * @param provider through whom
 * @param kind which way
 * @param number 1 for the first attempt of its kind at the invoice
 * @param amount what moves, over zero
 * @param answer how it stands
 * @param refunds the attempt whose money a refund gives back; null otherwise
 * @param actor who asked for it: a caller's id, or {@code system}
 * @param createdAt by the tenant's clock
 */
public record Attempt(
    String id,
    String tenant,
    String invoice,
    String provider,
    Kind kind,
    int number,
    Money amount,
    Answer answer,
    @Nullable String refunds,
    String actor,
    Instant createdAt) {
  /** Which way the money goes, and who moves it. */
  public enum Kind {
    /** A provider is asked to collect. */
    COLLECTION,
    /**
     * Money that came by itself was recorded: a bank transfer, a payment at the provider's page.
     */
    RECEIPT,
    /** Money goes back. */
    REFUND
  }

  /** How an attempt stands. */
  public enum State {
    /** Sent; no answer yet. */
    SENT,
    /** The money moved. */
    SETTLED,
    /** Under way at the provider. */
    PENDING,
    /** Refused by the payer's bank. */
    DECLINED,
    /** No answer that tells. The next attempt looks first what became of this one. */
    UNAVAILABLE
  }

  /**
   * What the provider answered.
   *
   * @param state how the attempt stands
   * @param reference the provider's name for it; null while there is none
   * @param code why it was declined, for programs; null otherwise
   * @param message how it stands, for people; null where the state says all
   * @param payAt a page on which the payer can pay; null where there is none
   * @param settledAt by the tenant's clock; null until then
   */
  public record Answer(
      State state,
      @Nullable String reference,
      @Nullable String code,
      @Nullable String message,
      @Nullable String payAt,
      @Nullable Instant settledAt) {
    static final Answer NONE = new Answer(State.SENT, null, null, null, null, null);

    static Answer settled(String reference, Instant now) {
      return new Answer(State.SETTLED, reference, null, null, null, now);
    }

    static Answer of(PaymentResult result, Instant now) {
      return switch (result) {
        case PaymentResult.Settled r -> settled(r.reference(), now);
        case PaymentResult.Pending r ->
            new Answer(State.PENDING, r.reference(), null, r.why(), r.payAt(), null);
        case PaymentResult.Declined r ->
            new Answer(State.DECLINED, r.reference(), r.code(), r.message(), null, null);
        case PaymentResult.Unavailable r ->
            new Answer(State.UNAVAILABLE, r.reference(), null, r.why(), null, null);
      };
    }
  }

  /** How it stands. */
  public State state() {
    return answer.state();
  }

  Attempt with(Answer next) {
    return new Attempt(
        id, tenant, invoice, provider, kind, number, amount, next, refunds, actor, createdAt);
  }
}
