package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.database.Transaction;
import java.time.ZoneId;
import java.util.Optional;
import org.joda.money.CurrencyUnit;

/** Who can buy, and what a subscription takes from them where an order does not say. */
@FunctionalInterface
public interface Buyers {
  /** The tenant's billing zone and currency; empty where there is no such tenant. */
  Optional<Buyer> find(Transaction tx, String tenant);

  /**
   * A tenant as a buyer.
   *
   * @param zone its billing zone
   * @param currency its currency
   */
  record Buyer(ZoneId zone, CurrencyUnit currency) {}
}
