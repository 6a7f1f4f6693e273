package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A subscription as the API shows it; the fields are those of {@link Subscription}. */
record SubscriptionView(
    String id,
    String tenant,
    String catalog,
    int version,
    String product,
    String plan,
    int quantity,
    String currency,
    String cycle,
    String zone,
    String state,
    Period period,
    @Nullable Instant trialEndsAt,
    @Nullable Instant pausedSince,
    @Nullable Instant resumesAt,
    @Nullable Instant endedAt,
    @Nullable Instant cancelAt,
    List<Item> addOns,
    List<Map<String, Object>> scheduled,
    List<String> possible,
    long revision) {

  /** An add-on as the API shows it. */
  record Item(String id, String addOn, int quantity, Instant from, @Nullable BigDecimal price) {}

  static SubscriptionView of(Subscription subscription, List<String> possible) {
    SubscriptionState state = subscription.state();
    List<SubscriptionItem> items = shown(subscription);
    SubscriptionItem plan =
        items.stream()
            .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
            .findFirst()
            .orElseThrow();
    return new SubscriptionView(
        subscription.id(),
        subscription.tenant(),
        subscription.catalog(),
        subscription.version(),
        subscription.product(),
        plan.key(),
        plan.quantity(),
        subscription.currency().getCode(),
        subscription.cycle().toString(),
        subscription.zone().getId(),
        state.word(),
        subscription.current(),
        state instanceof SubscriptionState.Trial trial ? trial.endsAt() : null,
        state instanceof SubscriptionState.Paused paused ? paused.since() : null,
        state instanceof SubscriptionState.Paused paused ? paused.resumesAt() : null,
        endedAt(state),
        subscription.cancelAt(),
        items.stream()
            .filter(item -> item.kind() == SubscriptionItem.Kind.ADD_ON)
            .map(i -> new Item(i.id(), i.key(), i.quantity(), i.from(), i.agreed()))
            .toList(),
        subscription.scheduled().stream().map(SubscriptionView::scheduled).toList(),
        possible,
        subscription.revision());
  }

  static Map<String, Object> of(Revision revision) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("revision", revision.after().revision());
    shown.put("command", revision.command().word());
    shown.put("at", revision.at());
    shown.put(
        "after",
        of(revision.after(), Transitions.words(Transitions.possible(revision.after(), null))));
    return shown;
  }

  /** What has no end yet; of an ended subscription, what was there last. */
  private static List<SubscriptionItem> shown(Subscription subscription) {
    List<SubscriptionItem> open =
        subscription.items().stream().filter(item -> item.until() == null).toList();
    if (!open.isEmpty()) {
      return open;
    }
    Instant last =
        subscription.items().stream()
            .map(SubscriptionItem::until)
            .filter(until -> until != null)
            .max(Instant::compareTo)
            .orElseThrow();
    return subscription.items().stream()
        .filter(item -> last.equals(item.until()) && item.endedWithAll())
        .toList();
  }

  private static @Nullable Instant endedAt(SubscriptionState state) {
    return switch (state) {
      case SubscriptionState.Cancelled cancelled -> cancelled.at();
      case SubscriptionState.Expired expired -> expired.at();
      case SubscriptionState.Terminated terminated -> terminated.at();
      case SubscriptionState.Pending pending -> null;
      case SubscriptionState.Trial trial -> null;
      case SubscriptionState.Active active -> null;
      case SubscriptionState.Paused paused -> null;
    };
  }

  private static Map<String, Object> scheduled(ScheduledChange scheduled) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", scheduled.id());
    shown.put("at", scheduled.at());
    switch (scheduled.change()) {
      case Change.ToPlan to -> {
        shown.put("plan", to.plan());
        shown.put("quantity", to.quantity());
        shown.put("cycle", to.cycle().toString());
      }
      case Change.ToAddOn to -> {
        shown.put("addOn", to.addOn());
        shown.put("quantity", to.quantity());
      }
      case Change.ToVersion to -> shown.put("version", scheduled.version());
      case Change.ToPause to -> {
        shown.put("pause", true);
        shown.put("resumesAt", to.resumesAt());
      }
    }
    return shown;
  }
}
