package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps a batch of unpaid invoices takes, gathered so that they are written together. */
final class DunningSteps {
  private final List<StandingStore.Step> taken = new ArrayList<>();
  private final List<Work> works = new ArrayList<>();
  private final List<Event> reminders = new ArrayList<>();

  /** Takes an invoice's steps whose day has come and plans the next one. */
  void take(
      Invoice invoice, Policies.Dunning policy, Set<Integer> before, ZoneId zone, Instant now) {
    Set<Integer> done = new HashSet<>(before);
    long today = DunningPolicies.day(invoice, policy, now, zone);
    Policies.Step next = DunningPolicies.next(policy, done);
    boolean attempt = false;
    while (next != null && next.day() <= today) {
      taken.add(new StandingStore.Step(invoice.tenant(), invoice.id(), next.day(), now));
      done.add(next.day());
      attempt |= next.attempt();
      remind(invoice, next, now);
      next = DunningPolicies.next(policy, done);
    }
    if (attempt) {
      works.add(new Work(invoice.tenant(), Collecting.REQUEST, invoice.id(), now));
    }
    if (next != null) {
      works.add(work(invoice, policy, next, zone));
    }
  }

  private void remind(Invoice invoice, Policies.Step step, Instant now) {
    if (step.reminder().isEmpty()) {
      return;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("template", step.reminder());
    facts.put("invoice", invoice.id());
    facts.put("number", String.valueOf(invoice.number()));
    facts.put("day", step.day());
    facts.put("amountDue", invoice.amountDue());
    reminders.add(
        new Event(invoice.tenant(), "dunning.reminder", invoice.id(), Wire.document(facts), now));
  }

  /** The agenda's entry for a step. */
  static Work work(Invoice invoice, Policies.Dunning policy, Policies.Step step, ZoneId zone) {
    return new Work(
        invoice.tenant(),
        Dunning.STEP,
        invoice.id(),
        DunningPolicies.start(invoice, policy, step.day(), zone));
  }

  List<StandingStore.Step> taken() {
    return taken;
  }

  List<Work> works() {
    return works;
  }

  List<Event> reminders() {
    return reminders;
  }
}
