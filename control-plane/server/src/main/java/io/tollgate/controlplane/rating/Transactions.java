package io.tollgate.controlplane.rating;

import io.tollgate.controlplane.catalog.PriceModel.TransactionPercentage;
import io.tollgate.controlplane.rating.PricedLine.Part;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prices transactions one by one. Exact; used inside one function, not thread-safe. */
final class Transactions {
  private final TransactionPercentage price;
  private final BigDecimal rate;
  private long freeTransactions;
  private @Nullable BigDecimal freeAmount;
  private BigDecimal free = BigDecimal.ZERO;
  private BigDecimal charged = BigDecimal.ZERO;
  private BigDecimal raised = BigDecimal.ZERO;
  private BigDecimal lowered = BigDecimal.ZERO;
  private long count;

  private Transactions(TransactionPercentage price) {
    this.price = price;
    this.rate = price.percent().movePointLeft(2);
    this.freeAmount = price.freeAmount();
    Long first = price.freeTransactions();
    this.freeTransactions = first == null ? (freeAmount == null ? 0 : Long.MAX_VALUE) : first;
  }

  /**
   * Prices a quantity.
   *
   * @param each the transactions in it, in their order; the rest is charged its share alone
   */
  static Rated rate(TransactionPercentage price, BigDecimal quantity, List<BigDecimal> each) {
    Transactions transactions = new Transactions(price);
    BigDecimal rest = quantity;
    for (BigDecimal amount : each) {
      transactions.take(amount);
      rest = rest.subtract(amount);
    }
    transactions.charged = transactions.charged.add(rest);
    Rated rated = Rated.of(transactions.parts());
    return rated.amount().signum() < 0 ? Rated.of(List.of()) : rated;
  }

  /** One that was taken back gives back what the same one costs. */
  private void take(BigDecimal amount) {
    BigDecimal size = amount.abs();
    BigDecimal left = amount.signum() > 0 ? size.subtract(free(size)) : size;
    if (left.signum() == 0) {
      return;
    }
    BigDecimal fee = left.multiply(rate).add(price.fixed());
    BigDecimal least = price.least();
    BigDecimal most = price.most();
    boolean back = amount.signum() < 0;
    charged = charged.add(back ? left.negate() : left);
    count += back ? -1 : 1;
    if (least != null && fee.compareTo(least) < 0) {
      BigDecimal missing = least.subtract(fee);
      raised = raised.add(back ? missing.negate() : missing);
    } else if (most != null && fee.compareTo(most) > 0) {
      BigDecimal over = fee.subtract(most);
      lowered = lowered.subtract(back ? over.negate() : over);
    }
  }

  /** What of a transaction is free; with both bounds, what is reached first ends it. */
  private BigDecimal free(BigDecimal amount) {
    if (freeTransactions == 0) {
      return BigDecimal.ZERO;
    }
    BigDecimal part = freeAmount == null ? amount : amount.min(freeAmount);
    if (freeAmount != null) {
      freeAmount = freeAmount.subtract(part);
    }
    if (part.signum() > 0) {
      freeTransactions--;
    }
    free = free.add(part);
    return part;
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    String percent = price.percent().stripTrailingZeros().toPlainString() + " %";
    add(parts, free, BigDecimal.ZERO, "free");
    add(parts, charged, rate, percent);
    add(parts, BigDecimal.valueOf(count), price.fixed(), "fixed fee a transaction");
    addOnce(parts, raised, "up to the least fee a transaction");
    addOnce(parts, lowered, "down to the greatest fee a transaction");
    return parts;
  }

  private static void add(List<Part> parts, BigDecimal units, BigDecimal price, String text) {
    if (units.signum() != 0 && (price.signum() != 0 || text.equals("free"))) {
      parts.add(new Part(units, price, units.multiply(price), text));
    }
  }

  private static void addOnce(List<Part> parts, BigDecimal amount, String text) {
    if (amount.signum() != 0) {
      parts.add(new Part(BigDecimal.ONE, amount, amount, text));
    }
  }
}
