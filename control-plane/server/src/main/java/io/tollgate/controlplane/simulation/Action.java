package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Wallet;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * What happens at one instant of a scenario. Where a value is null, the present one or the default
 * holds.
 */
public sealed interface Action {
  /**
   * A subscription begins.
   *
   * @param as what later steps call it; null for nothing
   * @param starts when; null for the step's instant
   * @param anchor when a period is to begin; null to let the catalog say
   */
  record Subscribe(
      @Nullable String as,
      String plan,
      int quantity,
      @Nullable Cycle cycle,
      @Nullable CurrencyUnit currency,
      @Nullable Instant starts,
      @Nullable Instant anchor,
      @Nullable Integer trialDays,
      boolean expireAfterTrial,
      @Nullable BigDecimal price,
      Map<String, Integer> addOns,
      List<String> coupons)
      implements Action {}

  /** Plan, units or cycle change. */
  record Change(
      @Nullable String plan,
      @Nullable Integer quantity,
      @Nullable Cycle cycle,
      @Nullable BigDecimal price,
      @Nullable When when)
      implements Action {}

  /** There are to be so many of an add-on in all. */
  record AddOn(String addOn, int quantity, @Nullable When when) implements Action {}

  /**
   * What a start, a change or an end would bill, to be looked at as {@code preview}; nothing is
   * done.
   */
  record Preview(Action of) implements Action {}

  /** It moves to the newest version of its catalog. */
  record Migrate(@Nullable When when) implements Action {}

  /** All changes that wait are taken back. */
  record Unschedule() implements Action {}

  /** It stops, until an instant or until it is resumed. */
  record Pause(@Nullable Instant until) implements Action {}

  /** It goes on. */
  record Resume() implements Action {}

  /** It ends. */
  record Cancel(Cancellation how) implements Action {}

  /** A cancellation that waits is taken back. */
  record UndoCancel() implements Action {}

  /** It begins again. */
  record Reactivate() implements Action {}

  /** A coupon is redeemed, or given up. */
  record Coupon(String code, boolean end) implements Action {}

  /**
   * What one period of a plan would cost somebody, to be looked at as {@code preview}: document
   * 004's estimate.
   *
   * @param units assumed usage, by meter
   */
  record Estimated(
      String plan,
      int quantity,
      @Nullable Cycle cycle,
      @Nullable CurrencyUnit currency,
      Map<String, Integer> addOns,
      Map<String, BigDecimal> units)
      implements Action {}

  /**
   * Units are used, by meter, in one event or several; {@code used} null for the step's instant.
   */
  record Use(Map<String, List<BigDecimal>> units, @Nullable Instant used) implements Action {}

  /** Something is charged once, on the next invoice or, at once, on one of its own. */
  record Charge(String description, BigDecimal quantity, BigDecimal unitPrice, boolean now)
      implements Action {}

  /** Money comes in for the oldest open invoice; null pays all that is open. */
  record Pay(@Nullable BigDecimal amount) implements Action {}

  /** The last invoice is credited by an amount. */
  record Credit(BigDecimal amount, String reason) implements Action {}

  /** The last invoice is withdrawn. */
  record Withdraw(String reason) implements Action {}

  /** Money of the balance is given back. */
  record Refund(BigDecimal amount) implements Action {}

  /** Prepaid credit is given. */
  record Grant(Asset asset, BigDecimal amount, int priority, @Nullable Instant expires)
      implements Action {}

  /** Prepaid money is bought; its invoice is to be paid. */
  record TopUp(Asset asset, BigDecimal amount, int priority, @Nullable Instant expires)
      implements Action {}

  /** A wallet is told when to alert and top itself up. */
  record SetWallet(Asset asset, Wallet.Settings settings) implements Action {}

  /** A feature or a limit is set whatever the plan says; {@code expires} null for ever. */
  record SetEntitlement(EntitlementOverride.Value value, @Nullable Instant expires)
      implements Action {}

  /** A new version of the catalog is applied. */
  record Apply(String file, String catalog) implements Action {}

  /** What looks at the whole or moves rows, in transactions of its own. */
  sealed interface Aside extends Action {}

  /**
   * What the tenants' last invoices would have been under a draft, to be looked at as {@code
   * rerating}.
   *
   * @param invoices how many of each tenant's last ones
   */
  record Rerate(String file, String catalog, int invoices) implements Aside {}

  /** The tenant's rows of a table, to be looked at as {@code export}. */
  record Export(String table, boolean csv) implements Aside {}

  /** Rows are brought, to be looked at as {@code import}. */
  record Import(String table, boolean csv, String text, boolean dryRun) implements Aside {}

  /**
   * An invoice as people read it, to be looked at as {@code document}.
   *
   * @param number of the invoice or credit note; null for the last invoice
   * @param contains what is to stand in it
   */
  record Print(boolean pdf, @Nullable String number, List<String> contains) implements Aside {}

  /** Nothing happens but that time has come here, to look. */
  record Look() implements Action {}
}
