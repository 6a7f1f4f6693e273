package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.rating.PricedLine;
import java.util.List;
import org.joda.money.Money;

/**
 * What a coupon takes off one line.
 *
 * @param line index into the priced lines
 * @param coupon its code
 * @param title for people
 * @param amount over 0 and at most what is left of the line, rounded, in the same terms of tax as
 *     the line's
 */
public record Reduction(int line, String coupon, String title, Money amount) {
  /** Decides what is taken off an invoice's lines. Pure. */
  @FunctionalInterface
  public interface Rule {
    /** Takes nothing off. */
    Rule NONE = lines -> List.of();

    /** The reductions of the lines, in the order in which they were taken off. */
    List<Reduction> on(List<PricedLine> lines);
  }
}
