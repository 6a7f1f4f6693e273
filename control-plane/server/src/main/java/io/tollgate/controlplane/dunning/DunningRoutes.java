package io.tollgate.controlplane.dunning;

import io.tollgate.contract.BillingState;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The room's routes. */
final class DunningRoutes {
  private static final String STANDING = "/api/billing/tenants/{tenant}/standing";

  private final Dunning dunning;

  DunningRoutes(Dunning dunning) {
    this.dunning = dunning;
  }

  void mount(Routes routes) {
    routes.get(STANDING, Role.READERS, this::standing);
    routes.get(STANDING + "/history", Role.READERS, this::history).paged();
    routes.get("/api/billing/dunning", Role.WATCHERS, this::tenants).paged().query("state");
  }

  private Reply standing(Call call, Transaction tx) {
    Tenant tenant = tenant(call, tx);
    TenantStanding standing = dunning.standing(tx, tenant.id());
    Instant now = dunning.parts().clocks().now(tx, tenant.id());
    List<Subscription> subscriptions = dunning.parts().subscriptions().of(tx, tenant.id());
    Map<String, Integer> declined = dunning.parts().payments().declined(tx, List.of(tenant.id()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("tenant", tenant.id());
    json.put("asOf", now);
    json.put("state", standing.standing().state());
    json.put("access", standing.standing().access());
    json.put("reason", standing.standing().reason());
    json.put("subscriptions", standing.bySubscription());
    json.put(
        "unpaid",
        dunning.parts().invoices().open(tx, tenant.id()).stream()
            .map(
                invoice -> {
                  Policies.Dunning policy = dunning.policies().of(tx, invoice, subscriptions);
                  Map<String, Object> entry = unpaid(invoice, policy, now, tenant);
                  entry.put("declined", declined.getOrDefault(invoice.id(), 0));
                  Policies.Step next =
                      DunningPolicies.next(
                          policy,
                          dunning
                              .store()
                              .steps(tx, List.of(invoice.id()))
                              .getOrDefault(invoice.id(), Set.of()));
                  if (next != null) {
                    entry.put("next", next(invoice, policy, next, tenant));
                  }
                  return entry;
                })
            .toList());
    return Reply.ok(json);
  }

  private static Map<String, Object> unpaid(
      Invoice invoice, Policies.Dunning policy, Instant now, Tenant tenant) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("invoice", invoice.id());
    json.put("number", String.valueOf(invoice.number()));
    json.put("amountDue", invoice.amountDue());
    json.put("issuedOn", invoice.issuedOn());
    json.put("dueOn", invoice.dueOn());
    json.put("day", DunningPolicies.day(invoice, policy, now, tenant.zone()));
    return json;
  }

  private static Map<String, Object> next(
      Invoice invoice, Policies.Dunning policy, Policies.Step step, Tenant tenant) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("day", step.day());
    json.put("at", DunningPolicies.start(invoice, policy, step.day(), tenant.zone()));
    json.put("attempt", step.attempt());
    if (step.state() != null) {
      json.put("state", step.state());
    }
    return json;
  }

  private Reply history(Call call, Transaction tx) {
    Tenant tenant = tenant(call, tx);
    PageRequest page = call.page();
    String after = page.after();
    if (after != null && !after.matches("\\d{1,18}")) {
      throw Problem.invalid("cursor", "is not one this server gave out");
    }
    return Reply.ok(
        Page.of(
            dunning.store().history(tx, tenant.id(), page),
            page,
            change -> String.valueOf(change.number())));
  }

  private Reply tenants(Call call, Transaction tx) {
    PageRequest page = call.page();
    BillingState state = call.query("state").map(DunningRoutes::state).orElse(null);
    return Reply.ok(
        Page.of(dunning.store().tenants(tx, state, page), page, StandingStore.TenantState::tenant));
  }

  private static BillingState state(String word) {
    try {
      return BillingState.valueOf(word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("state", "one of " + Arrays.toString(BillingState.values()));
    }
  }

  private Tenant tenant(Call call, Transaction tx) {
    String id = call.path("tenant");
    call.mustBeOwn(id);
    return dunning.parts().tenants().get(tx, id);
  }
}
