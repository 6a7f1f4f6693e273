package io.tollgate.controlplane.entitlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Quota alerts: told by proxies, perhaps by several and more than once; of each, one event goes out
 * in the transaction that stores it.
 */
final class AlertRoutes {
  private final EntitlementParts parts;

  AlertRoutes(EntitlementParts parts) {
    this.parts = parts;
  }

  void mount(Routes routes) {
    routes.post("/api/proxy/alerts", Role.PROXIES, this::take);
    routes.get("/api/billing/tenants/{tenant}/alerts", Role.READERS, this::list).paged();
  }

  private Reply take(Call call, Transaction tx) {
    QuotaAlerts told;
    try {
      told = ContractJson.parse(call.text(), QuotaAlerts.class);
    } catch (JsonProcessingException e) {
      throw Problem.malformed(e.getOriginalMessage());
    }
    return Reply.of(
        "application/json", ContractJson.write(raise(tx, told)).getBytes(StandardCharsets.UTF_8));
  }

  private QuotaAlertReceipt raise(Transaction tx, QuotaAlerts told) {
    Collection<String> tenants =
        new TreeSet<>(told.alerts().stream().map(QuotaAlert::tenant).toList());
    Set<String> known = parts.tenants().known(tx, tenants);
    Map<String, Instant> frozen = parts.clocks().frozenAt(tx, known);
    Instant wall = parts.clocks().wall().instant();
    List<RaisedAlert> alerts = new ArrayList<>();
    for (QuotaAlert alert : told.alerts()) {
      if (known.contains(alert.tenant())) {
        Instant at = frozen.getOrDefault(alert.tenant(), wall);
        alerts.add(RaisedAlert.of(parts.ids().next("alr"), alert, at));
      }
    }
    List<RaisedAlert> fresh = AlertStore.insert(tx, told.source(), alerts);
    parts.outbox().publishAll(tx, fresh.stream().map(AlertRoutes::event).toList());
    return new QuotaAlertReceipt(
        QuotaAlertReceipt.FORMAT,
        fresh.size(),
        alerts.size() - fresh.size(),
        told.alerts().size() - alerts.size());
  }

  private static Event event(RaisedAlert alert) {
    return new Event(alert.tenant(), alert.event(), alert.id(), Wire.document(alert), alert.at());
  }

  private Reply list(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    call.mustBeOwn(tenant);
    parts.tenants().get(tx, tenant);
    PageRequest page = call.page();
    return Reply.ok(Page.of(AlertStore.page(tx, tenant, page), page, RaisedAlert::id));
  }
}
