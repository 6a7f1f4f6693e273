package io.tollgate.controlplane.wallet;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;

/**
 * One entry of the ledger: an amount leaves one account and enters another, so that all accounts of
 * an asset always sum to zero. Entries are only ever added.
 *
 * @param id {@code wtr_...}
 * @param credit the credit moved into or out of
 * @param kind why
 * @param amount over 0
 * @param reference the invoice, round or deposit it belongs to
 * @param at by the tenant's clock
 */
public record Transfer(
    String id, String credit, Kind kind, BigDecimal amount, String reference, Instant at) {
  /** Why something moves, from which account to which. */
  public enum Kind {
    /** A credit is put in. */
    DEPOSIT("funding", "credits"),
    /** Usage draws units. */
    DRAW("credits", "spent"),
    /** Usage was taken back, or counted again, before it was billed. */
    RETURN("spent", "credits"),
    /** Money pays an invoice. */
    PAY("credits", "spent"),
    /** The invoice was voided. */
    GIVE_BACK("spent", "credits"),
    /** Units were bought, and their line of the invoice was taken back. */
    TAKE_BACK("credits", "funding"),
    /** What was left when the credit expired. */
    FORFEIT("credits", "forfeited");

    private final String from;
    private final String to;

    Kind(String from, String to) {
      this.from = from;
      this.to = to;
    }

    /** The account debited. */
    public String from() {
      return from;
    }

    /** The account credited. */
    public String to() {
      return to;
    }

    /** As the API writes it, such as {@code give-back}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
