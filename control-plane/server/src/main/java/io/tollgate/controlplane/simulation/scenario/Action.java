package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.run.OneOffCharge;
import io.tollgate.controlplane.simulation.scenario.ScriptedProvider.Means;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.subscription.PauseWish;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.TopUp.Collection;
import io.tollgate.controlplane.wallet.Wallet;
import java.math.BigDecimal;
import java.nio.file.Path;
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
  /** What happens to subscriptions, or would. */
  sealed interface OfSubscription extends Action {}

  /** What is used, billed and paid. */
  sealed interface OfMoney extends Action {}

  /** What happens to tenants and catalogs. */
  sealed interface OfTenant extends Action {}

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
      implements OfSubscription {}

  /**
   * Plan, units or cycle change.
   *
   * @param endsTrial whether the trial it is in ends with it
   */
  record Change(
      @Nullable String plan,
      @Nullable Integer quantity,
      @Nullable Cycle cycle,
      @Nullable BigDecimal price,
      @Nullable When when,
      boolean endsTrial)
      implements OfSubscription {}

  /** Its trial ends at an instant, or now where that is null, instead of when it would. */
  record Trial(@Nullable Instant ends) implements OfSubscription {}

  /** There are to be so many of an add-on in all. */
  record AddOn(String addOn, int quantity, @Nullable When when) implements OfSubscription {}

  /**
   * What a start, a change or an end would bill, or with {@link Look} what comes next by itself, to
   * be looked at as {@code preview}; nothing is done.
   */
  record Preview(Action of) implements OfSubscription {}

  /** It moves to the newest version of its catalog. */
  record Migrate(@Nullable When when) implements OfSubscription {}

  /** Changes that wait are taken back: all, or those of one kind. */
  record Unschedule(Waiting which) implements OfSubscription {
    /** All of them. */
    public Unschedule() {
      this(new Waiting.All());
    }
  }

  /** Which of the changes that wait. One of plan, one of version, one an add-on and a pause can. */
  sealed interface Waiting {
    /** All. */
    record All() implements Waiting {}

    /** That of plan, quantity or cycle. */
    record OfPlan() implements Waiting {}

    /** That to another version of the catalog. */
    record OfVersion() implements Waiting {}

    /** The pause. */
    record OfPause() implements Waiting {}

    /** That of an add-on. */
    record OfAddOn(String addOn) implements Waiting {}
  }

  /**
   * Everyone under an older version of the catalog moves to its newest at a period's end.
   *
   * @param notBefore that of the first period that does not end before; null for the present one's
   */
  record MigrateAll(@Nullable Instant notBefore) implements OfSubscription {}

  /** It stops, now or later, until an instant or until it is resumed. */
  record Pause(PauseWish how) implements OfSubscription {}

  /** It goes on. */
  record Resume() implements OfSubscription {}

  /** It ends. */
  record Cancel(Cancellation how) implements OfSubscription {}

  /** A cancellation that waits is taken back. */
  record UndoCancel() implements OfSubscription {}

  /** It begins again. */
  record Reactivate() implements OfSubscription {}

  /** A coupon is redeemed, or given up. */
  record Coupon(String code, boolean end) implements OfSubscription {}

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
      implements OfSubscription {}

  /**
   * Units are used, by meter, in one event or several; {@code used} null for the step's instant.
   */
  record Use(Map<String, List<BigDecimal>> units, @Nullable Instant used) implements OfMoney {}

  /** Something is charged once, on the next invoice or, at once, on one of its own. */
  record Charge(OneOffCharge what, boolean now) implements OfMoney {}

  /**
   * Money comes in.
   *
   * @param amount null pays all that is open
   * @param number of the invoice; null for the oldest open one
   */
  record Pay(@Nullable BigDecimal amount, @Nullable String number) implements OfMoney {
    /** For the oldest open invoice. */
    public Pay(@Nullable BigDecimal amount) {
      this(amount, null);
    }
  }

  /**
   * Wallets pay what is open.
   *
   * @param amount at most, of one invoice; null for all that is due
   * @param number of the invoice; null for the oldest open one, without an amount for all of them
   */
  record PayFromWallet(@Nullable BigDecimal amount, @Nullable String number) implements OfMoney {}

  /**
   * An invoice is credited by an amount, or by parts of its lines.
   *
   * @param amount null where there are lines
   * @param lines none where there is an amount
   * @param number of the invoice; null for the last one
   * @param refund whether what was paid stays on the balance to be given back
   */
  record Credit(
      @Nullable BigDecimal amount,
      List<LinePart> lines,
      String reason,
      @Nullable String number,
      boolean refund)
      implements OfMoney {
    /** An amount of the last invoice. */
    public Credit(BigDecimal amount, String reason) {
      this(amount, List.of(), reason, null, false);
    }
  }

  /** A part of a line: an amount or a quantity, the other one null. */
  record LinePart(int line, @Nullable BigDecimal amount, @Nullable BigDecimal quantity) {}

  /**
   * An invoice is withdrawn.
   *
   * @param number of the invoice; null for the last one
   */
  record Withdraw(String reason, @Nullable String number) implements OfMoney {
    /** The last invoice. */
    public Withdraw(String reason) {
      this(reason, null);
    }
  }

  /** The oldest draft is made final before its grace is over. */
  record Finalize() implements OfMoney {}

  /** An invoice, the last where the number is null, was brought to its tenant, or could not be. */
  record Deliver(Invoices.Handover handover, @Nullable String number) implements OfMoney {}

  /** By what the tenant pays from now on. */
  record PayBy(Means means) implements OfMoney {}

  /** What is metered, rated and invoiced is compared, to be looked at as {@code reconciliation}. */
  record Reconcile() implements OfMoney {}

  /** Money of the balance in a currency, the tenant's where it is null, is given back. */
  record Refund(BigDecimal amount, @Nullable CurrencyUnit currency) implements OfMoney {}

  /** Prepaid credit is given. */
  record Grant(Asset asset, BigDecimal amount, int priority, @Nullable Instant expires)
      implements OfMoney {}

  /** Prepaid money is bought; its invoice is to be paid. */
  record TopUp(
      Asset asset,
      BigDecimal amount,
      int priority,
      @Nullable Instant expires,
      Collection collection)
      implements OfMoney {}

  /** A wallet is told when to alert and top itself up. */
  record SetWallet(Asset asset, Wallet.Settings settings) implements OfMoney {}

  /** A feature or a limit is set whatever the plan says; {@code expires} null for ever. */
  record SetEntitlement(EntitlementOverride.Value value, @Nullable Instant expires)
      implements OfTenant {}

  /** What was set by hand for a feature or a limit holds no more. */
  record EndEntitlement(String key) implements OfTenant {}

  /**
   * What is known of the tenant changes.
   *
   * @param details the fields that do, as the API calls them
   */
  record UpdateTenant(ObjectNode details) implements OfTenant {}

  /** The tenant is a customer no more. */
  record ArchiveTenant() implements OfTenant {}

  /** What has a catalog of its own, as it is read: its text, and what to call it in messages. */
  sealed interface WithCatalog extends Action {
    /** What to call it. */
    String file();

    /** Its YAML. */
    String catalog();
  }

  /** A new version of the catalog is applied, to be looked at as {@code applied}. */
  record Apply(String file, String catalog) implements OfTenant, WithCatalog {}

  /** What a new version of the catalog would change, to be looked at as {@code applied}. */
  record DryRun(String file, String catalog) implements OfTenant, WithCatalog {}

  /** A plan or an add-on, such as {@code plans.pro}, is no longer sold. */
  record Archive(String what) implements OfTenant {}

  /** What looks at the whole or moves rows, in transactions of its own. */
  sealed interface Aside extends Action {}

  /** What is due on the oldest open invoice is collected from the tenant's means of payment. */
  record Collect() implements Aside {}

  /**
   * What the tenants' last invoices would have been under a draft, to be looked at as {@code
   * rerating}.
   *
   * @param invoices how many of each tenant's last ones
   */
  record Rerate(String file, String catalog, int invoices) implements Aside, WithCatalog {}

  /** The tenant's rows of a table, to be looked at as {@code export}. */
  record Export(String table, boolean csv) implements Aside {}

  /** Rows are brought, to be looked at as {@code import}. */
  record Import(String table, boolean csv, String text, boolean dryRun) implements Aside {}

  /**
   * An invoice as people read it, to be looked at as {@code document}.
   *
   * @param number of the invoice or credit note; null for the last invoice
   * @param contains what is to stand in it
   * @param templates folder of own templates; null for Tollgate's
   */
  record Print(
      boolean pdf, @Nullable String number, List<String> contains, @Nullable Path templates)
      implements Aside {}

  /** Nothing happens but that time has come here, to look. */
  record Look() implements Action {}
}
