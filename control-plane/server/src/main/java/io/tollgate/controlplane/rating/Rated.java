package io.tollgate.controlplane.rating;

import io.tollgate.controlplane.rating.PricedLine.Part;
import java.math.BigDecimal;
import java.util.List;

/**
 * What a quantity comes to under a price model: exact, not yet rounded.
 *
 * @param amount the sum of the parts
 * @param parts how it came about
 * @param carriedOver prepaid units left for the next period; 0 for models without blocks bought
 *     ahead
 */
public record Rated(BigDecimal amount, List<Part> parts, BigDecimal carriedOver) {
  public Rated {
    parts = List.copyOf(parts);
  }

  static Rated of(List<Part> parts) {
    return of(parts, BigDecimal.ZERO);
  }

  static Rated of(List<Part> parts, BigDecimal carriedOver) {
    BigDecimal sum = BigDecimal.ZERO;
    for (Part part : parts) {
      sum = sum.add(part.amount());
    }
    return new Rated(sum, parts, carriedOver);
  }
}
