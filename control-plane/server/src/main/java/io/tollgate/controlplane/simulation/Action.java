package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
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
  /** A subscription begins. */
  record Subscribe(
      String plan,
      int quantity,
      @Nullable Cycle cycle,
      @Nullable CurrencyUnit currency,
      @Nullable Integer trialDays,
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

  /** It stops, until an instant or until it is resumed. */
  record Pause(@Nullable Instant until) implements Action {}

  /** It goes on. */
  record Resume() implements Action {}

  /** It ends. */
  record Cancel(@Nullable When when, boolean refund) implements Action {}

  /** A cancellation that waits is taken back. */
  record UndoCancel() implements Action {}

  /** It begins again. */
  record Reactivate() implements Action {}

  /** Units are used, by meter. */
  record Use(Map<String, Long> units) implements Action {}

  /** Something is charged once, on the next invoice. */
  record Charge(String description, BigDecimal quantity, BigDecimal unitPrice) implements Action {}

  /** Money comes in for the oldest open invoice; null pays all that is open. */
  record Pay(@Nullable BigDecimal amount) implements Action {}

  /** The last invoice is credited by an amount. */
  record Credit(BigDecimal amount, String reason) implements Action {}

  /** Nothing happens but that time has come here, to look. */
  record Look() implements Action {}
}
