package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.Period;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.web.Wire;
import java.time.ZoneId;
import java.util.List;

/** Subscriptions as scenarios print them. Stateless. */
final class SubscriptionResult {
  private SubscriptionResult() {}

  static ObjectNode of(Subscription subscription, ZoneId zone) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("state", subscription.state().word());
    subscription.items().stream()
        .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
        .reduce((earlier, later) -> later)
        .ifPresent(
            item -> {
              node.put("plan", item.key());
              node.put("quantity", item.quantity());
            });
    ObjectNode addOns = node.putObject("add-ons");
    subscription.items().stream()
        .filter(item -> item.kind() == SubscriptionItem.Kind.ADD_ON && item.until() == null)
        .forEach(item -> addOns.put(item.key(), addOns.path(item.key()).asInt() + item.quantity()));
    node.put("version", subscription.version());
    node.put("cycle", subscription.cycle().toString());
    node.put("start", InvoiceResult.day(subscription.current().start(), zone));
    node.put("end", InvoiceResult.day(subscription.current().end(), zone));
    if (subscription.cancelAt() != null) {
      node.put("cancel-at", InvoiceResult.day(subscription.cancelAt(), zone));
    }
    node.put("scheduled", subscription.scheduled().size());
    ArrayNode waiting = node.putArray("waiting");
    subscription.scheduled().forEach(change -> waiting.add(waiting(change, zone)));
    return node;
  }

  /** A change that waits. */
  private static ObjectNode waiting(ScheduledChange scheduled, ZoneId zone) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("at", InvoiceResult.day(scheduled.at(), zone));
    switch (scheduled.change()) {
      case Change.ToPlan to -> {
        node.put("plan", to.plan());
        node.put("quantity", to.quantity());
        node.put("cycle", to.cycle().toString());
      }
      case Change.ToAddOn to -> {
        node.put("add-on", to.addOn());
        node.put("quantity", to.quantity());
      }
      case Change.ToVersion to -> node.put("version", scheduled.version());
      case Change.ToPause to -> {
        node.put("pause", true);
        if (to.resumesAt() != null) {
          node.put("until", InvoiceResult.day(to.resumesAt(), zone));
        }
      }
    }
    return node;
  }

  /** Every period it has had, and every step of its life, oldest first. */
  static void addHistory(ObjectNode node, List<Revision> revisions, ZoneId zone) {
    ArrayNode periods = node.putArray("periods");
    ArrayNode history = node.putArray("history");
    Period last = null;
    for (Revision revision : revisions) {
      Period period = revision.after().current();
      if (last == null || !period.start().equals(last.start())) {
        periods.addObject().put("start", InvoiceResult.day(period.start(), zone));
      }
      ((ObjectNode) periods.path(periods.size() - 1))
          .put("end", InvoiceResult.day(period.end(), zone));
      last = period;
      history
          .addObject()
          .put("at", InvoiceResult.day(revision.at(), zone))
          .put("command", revision.command().word())
          .put("state", revision.after().state().word());
    }
  }
}
