package io.tollgate.controlplane.invoice;

import java.time.Instant;

/**
 * That an invoice was brought to its tenant, or could not be. Never changed; a later attempt is a
 * record of its own.
 *
 * @param id {@code dlv_...}
 * @param channel how: {@code email}, {@code post}, {@code portal} and so on
 * @param recipient to whom, such as an address
 * @param outcome how it went
 * @param detail what the carrier said, or why it failed; may be empty
 * @param at when, by the wall clock
 */
public record Delivery(
    String id,
    String tenant,
    String invoice,
    String channel,
    String recipient,
    Outcome outcome,
    String detail,
    Instant at) {
  /** How a delivery went. */
  public enum Outcome {
    /** Handed over to whoever carries it. */
    SENT,
    /** It has arrived. */
    DELIVERED,
    /** It came back or could not be handed over. */
    FAILED
  }
}
