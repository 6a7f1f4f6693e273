package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.InvoiceStateException;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.web.Problem;

/**
 * Does what the steps of one scenario say, each in the transaction it is given. Not thread-safe.
 */
final class Acting {
  private final SubscriptionActs subscriptions;
  private final MoneyActs money;
  private final TenantActs tenants;

  Acting(Stage stage) {
    subscriptions = new SubscriptionActs(stage);
    money = new MoneyActs(stage);
    tenants = new TenantActs(stage);
  }

  /** Does a step; a refusal is a {@link Problem}. */
  void act(Transaction tx, Step step) {
    try {
      switch (step.action()) {
        case Action.OfSubscription a -> subscriptions.take(tx, step, a);
        case Action.OfMoney a -> money.take(tx, step, a);
        case Action.OfTenant a -> tenants.take(tx, step, a);
        case Action.Aside a ->
            throw new IllegalArgumentException("needs transactions of its own: " + a);
        case Action.Look a -> {}
      }
    } catch (InvoiceStateException e) {
      throw e.problem();
    }
  }
}
