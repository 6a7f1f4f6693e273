package io.tollgate.controlplane.catalog;

import io.tollgate.contract.BillingState;
import io.tollgate.contract.OverLimit;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules on which the source documents disagree, as data. Document 002's values are the
 * defaults.
 *
 * @param alignment where periods begin
 * @param proration how a part of a period is measured
 * @param netted one line with the difference for an immediate change, instead of a credit and a
 *     charge
 * @param changes when a change of each kind takes effect; each kind has a rule
 * @param cancellation when a cancellation that does not say takes effect
 * @param dunning what an unpaid invoice leads to
 * @param over what happens past a limit that does not say itself
 * @param draftHours hours an invoice stays a draft before it is final; 0 for none
 * @param closingHours hours after a subscription's end, 1 or more, and again every so many, at
 *     which usage is billed that is told after it was billed
 * @param shadow whether limits that do not say themselves only say what they would do
 * @param usageAtChange by which plan usage is rated in a period in which the plan changed
 * @param allowances what a part of a period includes of a whole one's units
 * @param prorations on which invoice a change inside a period goes, by its kind; a kind that is
 *     missing goes at once
 * @param zeroInvoices what becomes of an invoice of nothing
 * @param grouping what of a tenant goes on one invoice
 */
public record Policies(
    Alignment alignment,
    Proration proration,
    boolean netted,
    Map<ChangeKind, When> changes,
    When cancellation,
    Dunning dunning,
    OverLimit over,
    int draftHours,
    int closingHours,
    boolean shadow,
    UsageAtChange usageAtChange,
    Allowances allowances,
    Map<ChangeKind, Prorated> prorations,
    ZeroInvoices zeroInvoices,
    Grouping grouping) {
  private static final int CLOSING_HOURS = 24;

  /** Document 002's rules. */
  public static final Policies DEFAULT =
      new Policies(
          Alignment.ANNIVERSARY,
          Proration.DAYS,
          false,
          Map.of(),
          When.PERIOD_END,
          Dunning.DOCUMENT_002,
          OverLimit.DENY,
          0,
          CLOSING_HOURS,
          false,
          UsageAtChange.SPLIT,
          Allowances.WHOLE,
          Map.of(),
          ZeroInvoices.FINALIZE,
          Grouping.INSTANT);

  /** Policies with the usual rules of usage. */
  public Policies(
      Alignment alignment,
      Proration proration,
      boolean netted,
      Map<ChangeKind, When> changes,
      When cancellation,
      Dunning dunning,
      OverLimit over,
      int draftHours,
      boolean shadow) {
    this(
        alignment,
        proration,
        netted,
        changes,
        cancellation,
        dunning,
        over,
        draftHours,
        CLOSING_HOURS,
        shadow,
        UsageAtChange.SPLIT,
        Allowances.WHOLE,
        Map.of(),
        ZeroInvoices.FINALIZE,
        Grouping.INSTANT);
  }

  public Policies {
    prorations = Catalog.ordered(prorations);
    Map<ChangeKind, When> rules = new EnumMap<>(ChangeKind.class);
    for (ChangeKind kind : ChangeKind.values()) {
      rules.put(kind, changes.getOrDefault(kind, kind.byDefault));
    }
    changes = Catalog.ordered(rules);
  }

  /** When a change of the kind takes effect. */
  public When when(ChangeKind kind) {
    return Objects.requireNonNull(changes.get(kind));
  }

  /** On which invoice a change of the kind inside a period goes. */
  public Prorated prorated(ChangeKind kind) {
    return prorations.getOrDefault(kind, Prorated.AT_ONCE);
  }

  /**
   * Whether each of a change's kinds goes on none. A price agreed anew is of no kind: it does where
   * all kinds do.
   */
  public boolean isUnbilled(Set<ChangeKind> kinds) {
    Set<ChangeKind> all = kinds.isEmpty() ? EnumSet.allOf(ChangeKind.class) : kinds;
    return all.stream().allMatch(kind -> prorated(kind) == Prorated.NONE);
  }

  /** Where a subscription's periods begin. */
  public enum Alignment {
    /** On the day the subscription began. */
    ANNIVERSARY,
    /** On the first of the month (or Monday, or 1 January); the first period is a prorated part. */
    CALENDAR
  }

  /** How the remaining part of a period is measured. */
  public enum Proration {
    /** Calendar days in the billing zone; the day of the change belongs to what is new. */
    DAYS,
    /** Seconds. */
    SECONDS,
    /** Days of months of 30 days and years of 360; of weeks and days as they are. */
    THIRTY_DAY_MONTH,
    /** Not at all: an immediate change charges the new price in full and credits nothing. */
    NONE
  }

  /** By which plan usage is rated in a period in which the plan changed. */
  public enum UsageAtChange {
    /** Each part by the plan in force when it was used, at the period's end (Kill Bill). */
    SPLIT,
    /** Each part by its plan, the ended plan's at once, with the change (Lago). */
    AT_ONCE,
    /** All of it by the plan in force at the period's end (Chargebee). */
    LAST_PLAN
  }

  /** What a part of a period includes of a whole one's units. */
  public enum Allowances {
    /** As many as a whole period. */
    WHOLE,
    /** The part's share of them, in whole units. */
    PRORATED
  }

  /** On which invoice what a change inside a period credits and charges goes. */
  public enum Prorated {
    /** One of its own, at once (Lago, Kill Bill). */
    AT_ONCE,
    /** The subscription's next one (Stripe's {@code create_prorations}). */
    NEXT_INVOICE,
    /**
     * None: what is new holds at once, nothing is charged or given back for the running period, and
     * the renewal charges what holds then (Stripe's {@code none}).
     */
    NONE
  }

  /** What becomes of an invoice whose total is nothing. */
  public enum ZeroInvoices {
    /** It is numbered and paid, as any other. */
    FINALIZE,
    /** It is kept closed, without a number (Lago's {@code closed}). */
    KEEP,
    /** As {@link #KEEP}, and no list shows it unless it is asked for. */
    SKIP
  }

  /** What of a tenant goes on one invoice. */
  public enum Grouping {
    /** What is billed at the same instant. */
    INSTANT,
    /** What is billed on the same day in the tenant's zone; the invoice is made when it ends. */
    DAY
  }

  /** What changes. */
  public enum ChangeKind {
    /** To a plan of a higher rank. */
    UPGRADE(When.NOW),
    /** To a plan of a lower rank. */
    DOWNGRADE(When.PERIOD_END),
    /** To a longer cycle, such as monthly to yearly. */
    LONGER_CYCLE(When.NOW),
    /** To a shorter cycle, such as yearly to monthly. */
    SHORTER_CYCLE(When.PERIOD_END),
    /** An add-on bought, or more of it. */
    ADD_ON_ADDED(When.NOW),
    /** An add-on removed, or less of it. */
    ADD_ON_REMOVED(When.PERIOD_END),
    /** More units of the plan. */
    MORE_UNITS(When.NOW),
    /** Fewer units of the plan. */
    FEWER_UNITS(When.PERIOD_END);

    private final When byDefault;

    ChangeKind(When byDefault) {
      this.byDefault = byDefault;
    }
  }

  /** When a change takes effect. */
  public enum When {
    /** At once, prorated. */
    NOW,
    /** At the end of the period; no refund. */
    PERIOD_END,
    /** Never. */
    FORBIDDEN
  }

  /**
   * What an unpaid invoice leads to. Days count from the invoice's date, which is day 1.
   *
   * @param dueDay the day the invoice is due, at least 1
   * @param steps by rising day
   */
  public record Dunning(int dueDay, List<Step> steps) {
    /** The days of document 002. */
    public static final Dunning DOCUMENT_002 =
        new Dunning(
            7,
            List.of(
                new Step(7, true, null, ""),
                new Step(8, false, BillingState.GRACE, "grace"),
                new Step(12, true, null, "urgent"),
                new Step(15, true, BillingState.READ_ONLY, "read-only"),
                new Step(22, false, BillingState.SUSPENDED, "suspended"),
                new Step(112, false, BillingState.TERMINATED, "terminated")));

    public Dunning {
      steps = List.copyOf(steps);
      int before = 0;
      for (Step step : steps) {
        if (step.day() <= before) {
          throw new IllegalArgumentException("dunning: days must rise; " + step.day());
        }
        before = step.day();
      }
      if (dueDay < 1) {
        throw new IllegalArgumentException("dueDay: at least 1, not " + dueDay);
      }
    }
  }

  /**
   * What happens on one day of an unpaid invoice.
   *
   * @param day counted from the invoice's date, which is day 1
   * @param attempt whether payment is tried
   * @param state the state the tenant enters, before the attempt; null to keep it
   * @param reminder the template of the notice sent; empty for none
   */
  public record Step(int day, boolean attempt, @Nullable BillingState state, String reminder) {}
}
