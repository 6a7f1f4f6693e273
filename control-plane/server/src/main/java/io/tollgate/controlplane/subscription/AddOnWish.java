package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.web.JsonFields;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many of an add-on somebody wants.
 *
 * @param quantity how many there are to be in all; 0 removes it; null for one more
 */
public record AddOnWish(String addOn, @Nullable Integer quantity) {
  /**
   * Reads {@code addOn} and {@code quantity}.
   *
   * @throws io.tollgate.controlplane.web.Problem 422 naming the field
   */
  public static AddOnWish read(JsonFields fields) {
    return new AddOnWish(
        fields.text("addOn"),
        fields.findWhole("quantity", 0, 1_000_000).map(Math::toIntExact).orElse(null));
  }

  /** The change of a subscription as it stands. */
  public Change.ToAddOn of(Subscription subscription, Instant now) {
    if (quantity != null) {
      return new Change.ToAddOn(addOn, quantity);
    }
    int have =
        subscription.addOnsAt(now).stream()
            .filter(item -> item.key().equals(addOn))
            .mapToInt(SubscriptionItem::quantity)
            .sum();
    return new Change.ToAddOn(addOn, have + 1);
  }
}
