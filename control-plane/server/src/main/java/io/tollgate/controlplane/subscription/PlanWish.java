package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of their plan; null stays as it is, but for a price that was agreed for
 * another plan or cycle.
 *
 * @param quantity of its units, 1 or more
 * @param price to be agreed for a unit and cycle
 */
public record PlanWish(
    @Nullable String plan,
    @Nullable Integer quantity,
    @Nullable Cycle cycle,
    @Nullable BigDecimal price) {
  /**
   * Reads {@code plan}, {@code quantity}, {@code cycle} and {@code price}.
   *
   * @throws Problem 422 naming the field
   */
  public static PlanWish read(JsonFields fields) {
    return new PlanWish(
        fields.findText("plan").orElse(null),
        fields.findWhole("quantity", 1, 1_000_000).map(Math::toIntExact).orElse(null),
        cycle(fields).orElse(null),
        fields.findDecimal("price").orElse(null));
  }

  /**
   * Takes a step, and names what is refused of it by a field that was written: what stays as it is
   * can be in the way too, such as a currency in which the plan that was asked for is not sold.
   */
  public <T> T inItsWords(Supplier<T> step) {
    try {
      return step.get();
    } catch (Problem refused) {
      throw refused.inside(this::written);
    }
  }

  private String written(String field) {
    boolean isWritten =
        switch (field) {
          case "plan" -> plan != null;
          case "cycle" -> cycle != null;
          case "quantity" -> quantity != null;
          case "currency" -> false;
          default -> true;
        };
    if (isWritten) {
      return field;
    }
    if (plan != null) {
      return "plan";
    }
    if (cycle != null) {
      return "cycle";
    }
    if (quantity != null) {
      return "quantity";
    }
    return price != null ? "price" : field;
  }

  static Optional<Cycle> cycle(JsonFields fields) {
    return fields
        .findText("cycle")
        .map(
            word ->
                Cycle.parse(word)
                    .orElseThrow(() -> fields.wrong("cycle", Cycle.ALLOWED + " is expected")));
  }

  /**
   * When a change is asked for, by the field {@code when}; null to let the policies say.
   *
   * @throws Problem 422 naming the field
   */
  public static @Nullable When when(JsonFields fields) {
    return fields.findOneOf("when", EnumSet.of(When.NOW, When.PERIOD_END)).orElse(null);
  }

  /** The change of a subscription as it stands. */
  public Change.ToPlan of(Subscription subscription, Instant now) {
    Optional<SubscriptionItem> present = subscription.planAt(now);
    String to = plan != null ? plan : present.map(SubscriptionItem::key).orElse("");
    Cycle every = cycle != null ? cycle : subscription.cycle();
    boolean agreedFor =
        every.equals(subscription.cycle())
            && present.filter(item -> item.key().equals(to)).isPresent();
    @Nullable BigDecimal kept =
        agreedFor ? present.map(SubscriptionItem::agreed).orElse(null) : null;
    return new Change.ToPlan(
        to,
        quantity != null ? quantity : present.map(SubscriptionItem::quantity).orElse(1),
        every,
        price != null ? price : kept);
  }
}
