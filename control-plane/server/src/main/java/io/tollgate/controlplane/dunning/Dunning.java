package io.tollgate.controlplane.dunning;

import io.tollgate.contract.BillingState;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceListener;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What happens when nobody pays, and where each tenant stands. Standing is derived, never set: an
 * unpaid invoice's steps only try, remind and look again on the days the catalog's policy names,
 * and a payment, on whichever day, restores the tenant in the transaction that books it. Announces
 * {@code standing.changed} and {@code dunning.reminder}. Thread-safe.
 */
public final class Dunning implements Room {
  /** The agenda's kind for the next step of an unpaid invoice. */
  public static final String STEP = "dunning.step";

  private static final int BATCH = 50;

  private final DunningParts parts;
  private final DunningPolicies policies;
  private final StandingStore store = new StandingStore();

  /** Dunning on these parts; adds its handlers to the agenda and listens to its sources. */
  public Dunning(DunningParts parts) {
    this.parts = parts;
    this.policies = new DunningPolicies(parts.catalogs());
    parts.agenda().handle(STEP, BATCH, this::step);
    new Collecting(parts.payments(), parts.agenda()).handle();
    parts.invoices().listen(new FromInvoices());
    parts
        .payments()
        .listen((tx, attempt) -> refresh(tx, attempt.tenant(), "declined " + attempt.id()));
    parts.subscriptions().listen(this::revised);
  }

  /**
   * Where a tenant stands now, by its clock.
   *
   * @throws io.tollgate.controlplane.web.Problem 404 if there is no such tenant
   */
  public TenantStanding standing(Transaction tx, String tenant) {
    Tenant who = parts.tenants().get(tx, tenant);
    Map<String, Integer> declined = parts.payments().declined(tx, tenant);
    List<UnpaidInvoice> unpaid =
        parts.invoices().open(tx, tenant).stream()
            .map(
                invoice ->
                    new UnpaidInvoice(
                        String.valueOf(invoice.number()),
                        invoice.issuedOn(),
                        invoice.subscriptions(),
                        declined.getOrDefault(invoice.id(), 0)))
            .toList();
    return Standings.derive(
        parts.subscriptions().of(tx, tenant),
        unpaid,
        subscription -> policies.of(tx, subscription),
        LocalDate.ofInstant(parts.clocks().now(tx, tenant), who.zone()));
  }

  /** Derives a tenant's standing anew and keeps and announces it if it changed. */
  void refresh(Transaction tx, String tenant, String cause) {
    Optional<StandingChange> last = store.lock(tx, tenant);
    Standing standing = standing(tx, tenant).standing();
    boolean same =
        last.isPresent()
            && last.get().standing().state() == standing.state()
            && last.get().standing().access() == standing.access();
    if (same) {
      return;
    }
    Instant now = parts.clocks().now(tx, tenant);
    long number = last.map(StandingChange::number).orElse(0L) + 1;
    store.add(tx, tenant, new StandingChange(number, standing, cause, now));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("state", standing.state());
    facts.put("access", standing.access());
    facts.put("reason", standing.reason());
    facts.put("cause", cause);
    parts.audit().record(tx, "system", "standing.changed", tenant, tenant, facts);
    parts
        .outbox()
        .publish(tx, new Event(tenant, "standing.changed", tenant, Wire.document(facts), now));
  }

  /**
   * Only what begins, ends, pauses or resumes a subscription can change where its tenant stands.
   */
  private void revised(Transaction tx, List<Revision> revisions) {
    Set<String> changed = new TreeSet<>();
    for (Revision revision : revisions) {
      Subscription before = revision.before();
      if (before == null || !before.state().word().equals(revision.after().state().word())) {
        changed.add(revision.after().tenant());
      }
    }
    changed.forEach(tenant -> refresh(tx, tenant, "subscription"));
  }

  /**
   * The steps whose day has come; after a standstill several of one invoice, in their order. By
   * tenant, so that replicas with a batch each lock standings and audit chains in one order.
   */
  private void step(Transaction tx, List<DueWork> due) {
    List<DueWork> byTenant = new ArrayList<>(due);
    byTenant.sort(Comparator.comparing(DueWork::tenant));
    for (DueWork work : byTenant) {
      Optional<Invoice> invoice = parts.invoices().find(tx, work.subject());
      if (invoice.isPresent() && invoice.get().status() == InvoiceStatus.OPEN) {
        step(tx, invoice.get(), work.now());
      }
    }
  }

  private void step(Transaction tx, Invoice invoice, Instant now) {
    ZoneId zone = parts.tenants().get(tx, invoice.tenant()).zone();
    List<Subscription> subscriptions = parts.subscriptions().of(tx, invoice.tenant());
    Policies.Dunning policy = policies.of(tx, invoice, subscriptions);
    Set<Integer> taken = store.steps(tx, invoice.id());
    long today = DunningPolicies.day(invoice, now, zone);
    Policies.Step next = DunningPolicies.next(policy, taken);
    while (next != null && next.day() <= today) {
      store.takeStep(tx, invoice.tenant(), invoice.id(), next.day(), now);
      taken.add(next.day());
      act(tx, invoice, next, now);
      next = DunningPolicies.next(policy, taken);
    }
    if (next != null) {
      parts.agenda().schedule(tx, work(invoice, next, zone));
    }
    refresh(tx, invoice.tenant(), "invoice " + invoice.id() + " day " + today);
    terminateWhereDue(tx, invoice, subscriptions);
  }

  private void act(Transaction tx, Invoice invoice, Policies.Step step, Instant now) {
    if (step.attempt()) {
      parts
          .agenda()
          .schedule(tx, new Work(invoice.tenant(), Collecting.COLLECT, invoice.id(), now));
    }
    if (!step.reminder().isEmpty()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("template", step.reminder());
      facts.put("invoice", invoice.id());
      facts.put("number", String.valueOf(invoice.number()));
      facts.put("day", step.day());
      facts.put("amountDue", invoice.amountDue());
      parts
          .outbox()
          .publish(
              tx,
              new Event(
                  invoice.tenant(), "dunning.reminder", invoice.id(), Wire.document(facts), now));
    }
  }

  /** The last step ends the invoice's subscriptions for good; their data may be deleted. */
  private void terminateWhereDue(
      Transaction tx, Invoice invoice, List<Subscription> subscriptions) {
    TenantStanding each = standing(tx, invoice.tenant());
    List<String> over = new ArrayList<>();
    for (Subscription subscription : subscriptions) {
      Standing own = each.bySubscription().get(subscription.id());
      boolean concerned =
          invoice.subscriptions().isEmpty() || invoice.subscriptions().contains(subscription.id());
      if (concerned
          && own != null
          && own.state() == BillingState.TERMINATED
          && !subscription.state().isOver()) {
        over.add(subscription.id());
      }
    }
    over.forEach(id -> parts.subscriptions().terminate(tx, "system", id));
  }

  private static Work work(Invoice invoice, Policies.Step step, ZoneId zone) {
    return new Work(
        invoice.tenant(), STEP, invoice.id(), DunningPolicies.start(invoice, step.day(), zone));
  }

  DunningParts parts() {
    return parts;
  }

  DunningPolicies policies() {
    return policies;
  }

  StandingStore store() {
    return store;
  }

  @Override
  public void mount(Routes routes) {
    new DunningRoutes(this).mount(routes);
  }

  /** Plans the steps of what became due, and looks again at who paid. */
  private final class FromInvoices implements InvoiceListener {
    @Override
    public void finalized(Transaction tx, List<Invoice> invoices) {
      List<Invoice> open =
          invoices.stream()
              .filter(i -> i.kind() == DocumentKind.INVOICE && i.status() == InvoiceStatus.OPEN)
              .toList();
      if (open.isEmpty()) {
        return;
      }
      Set<String> ids = new TreeSet<>();
      open.forEach(invoice -> ids.add(invoice.tenant()));
      Map<String, Tenant> tenants = parts.tenants().all(tx, ids);
      List<Subscription> subscriptions = parts.subscriptions().of(tx, ids);
      List<Work> works = new ArrayList<>();
      for (Invoice invoice : open) {
        Tenant tenant = tenants.get(invoice.tenant());
        Policies.Step first =
            DunningPolicies.next(policies.of(tx, invoice, subscriptions), Set.of());
        if (tenant != null && first != null) {
          works.add(work(invoice, first, tenant.zone()));
        }
      }
      parts.agenda().scheduleAll(tx, works);
    }

    @Override
    public void paid(Transaction tx, Invoice invoice) {
      settled(tx, invoice, "paid");
    }

    @Override
    public void voided(Transaction tx, Invoice invoice) {
      settled(tx, invoice, "voided");
    }

    private void settled(Transaction tx, Invoice invoice, String how) {
      parts.agenda().cancel(tx, STEP, invoice.id());
      refresh(tx, invoice.tenant(), "invoice " + invoice.id() + " " + how);
    }
  }
}
