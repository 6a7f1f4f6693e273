package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A node's way to the quotas' roots; there is none where the cells are their own. Thread-safe. */
final class Roots {
  private final @Nullable BlockOrders orders;
  private final LimitFigures figures;
  private final Returns returns;

  /**
   * The way to these.
   *
   * @param orders null for none
   */
  Roots(@Nullable BlockOrders orders, LimitFigures figures, LongSupplier nanos) {
    this.orders = orders;
    this.figures = figures;
    this.returns = new Returns(nanos);
  }

  /** Whether there are any. */
  boolean exist() {
    return orders != null;
  }

  /** Whose blocks they are; empty where there are none. */
  String cluster() {
    return orders == null ? "" : orders.cluster();
  }

  /** Places an order; a failed one is placed again under its id. */
  void order(QuotaBlockRequest request, Consumer<QuotaBlock> delivered, Runnable failed) {
    if (orders != null) {
      figures.ordered();
      var unused =
          orders
              .root()
              .request(request)
              .whenComplete(
                  (block, failure) -> {
                    if (block != null) {
                      delivered.accept(block);
                    } else {
                      failed.run();
                    }
                  });
    }
  }

  /**
   * Gives units back; tried twice, since it is the same however often it arrives, and then with the
   * sweeps.
   *
   * @param done run when it is known to have arrived, or is left to the sweeps
   */
  void giveBack(QuotaBlockRequest request, Runnable done) {
    if (orders == null) {
      done.run();
    } else {
      returns.giveBack(request, orders.root(), done);
    }
  }

  /** What did not arrive is tried again. */
  void tryReturns() {
    if (orders != null) {
      returns.tryAgain(orders.root());
    }
  }
}
