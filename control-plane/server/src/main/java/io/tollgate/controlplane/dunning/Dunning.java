package io.tollgate.controlplane.dunning;

import io.tollgate.contract.BillingState;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Once;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceListener;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions.CatalogOf;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What happens when nobody pays, and where each tenant stands. Standing is derived, never set: an
 * unpaid invoice's steps only try, remind and look again on the days the catalog's policy names,
 * and a payment, on whichever day, restores the tenant in the transaction that books it. Announces
 * {@code standing.changed} and {@code dunning.reminder}. Thread-safe.
 */
public final class Dunning implements Room {
  /** The agenda's kind for the next step of an unpaid invoice. */
  public static final String STEP = "dunning.step";

  private static final int BATCH = 200;

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
    parts.wallets().listen(new TopUpCollection(parts, policies));
  }

  /**
   * Where a tenant stands now, by its clock.
   *
   * @throws Problem 404 if there is no such tenant
   */
  public TenantStanding standing(Transaction tx, String tenant) {
    TenantStanding standing = standings(tx, List.of(tenant)).get(tenant);
    if (standing == null) {
      throw Problem.notFound("tenant", tenant);
    }
    return standing;
  }

  /**
   * What unpaid invoices make of subscriptions now, by their ids, with a few queries; no entry
   * where there is no such tenant.
   */
  public Map<String, BillingState> states(Transaction tx, Collection<Subscription> subscriptions) {
    List<Subscription> all = List.copyOf(subscriptions);
    Set<String> tenants = new TreeSet<>();
    all.forEach(subscription -> tenants.add(subscription.tenant()));
    Map<String, BillingState> states = new HashMap<>();
    standings(tx, tenants, () -> all)
        .values()
        .forEach(
            tenant -> tenant.bySubscription().forEach((id, each) -> states.put(id, each.state())));
    return states;
  }

  /** Asks ahead where a tenant stands ({@link Transaction#foresee}). */
  public void foresee(Transaction tx, String tenant) {
    parts.tenants().foresee(tx, tenant);
    parts.invoices().foreseeOpen(tx, tenant);
  }

  /**
   * Where tenants stand now, by their clocks, with a few queries; no entry for who is not there.
   */
  public Map<String, TenantStanding> standings(Transaction tx, Collection<String> ids) {
    return standings(tx, ids, tx.ask(() -> parts.subscriptions().of(tx, ids)));
  }

  /**
   * As {@link #standings(Transaction, Collection)}.
   *
   * @param all the tenants' subscriptions, which the caller knows already or has asked for
   */
  public Map<String, TenantStanding> standings(
      Transaction tx, Collection<String> ids, Supplier<List<Subscription>> all) {
    Supplier<List<Invoice>> unsettled = tx.ask(() -> parts.invoices().open(tx, ids));
    Supplier<Map<String, Instant>> now = tx.ask(() -> parts.clocks().now(tx, ids));
    Map<String, Tenant> tenants = parts.tenants().all(tx, ids);
    Map<String, List<Invoice>> open =
        unsettled.get().stream().collect(Collectors.groupingBy(Invoice::tenant));
    // Few invoices are at the day on which that matters.
    Supplier<Map<String, Integer>> declined =
        Once.of(() -> parts.payments().declined(tx, open.keySet()));
    Map<String, List<Subscription>> subscriptions =
        all.get().stream().collect(Collectors.groupingBy(Subscription::tenant));
    Map<String, TenantStanding> standings = new HashMap<>();
    tenants.forEach(
        (id, tenant) ->
            standings.put(
                id,
                Standings.derive(
                    subscriptions.getOrDefault(id, List.of()),
                    unpaid(open.getOrDefault(id, List.of()), declined),
                    subscription -> policies.of(tx, subscription),
                    LocalDate.ofInstant(
                        Objects.requireNonNull(now.get().get(id)), tenant.zone()))));
    return standings;
  }

  private static List<UnpaidInvoice> unpaid(
      List<Invoice> open, Supplier<Map<String, Integer>> declined) {
    return open.stream()
        .map(
            invoice ->
                new UnpaidInvoice(
                    String.valueOf(invoice.number()),
                    invoice.issuedOn(),
                    invoice.dueOn(),
                    invoice.subscriptions(),
                    () -> declined.get().getOrDefault(invoice.id(), 0)))
        .toList();
  }

  /** Derives a tenant's standing anew and keeps and announces it if it changed. */
  void refresh(Transaction tx, String tenant, String cause) {
    refresh(tx, new TreeMap<>(Map.of(tenant, cause)));
  }

  /**
   * As {@link #refresh(Transaction, String, String)}, for many with a few statements.
   *
   * @param causes by tenant; in rising order, in which standings and audit chains are locked
   * @return where they stand now
   */
  private Map<String, TenantStanding> refresh(Transaction tx, SortedMap<String, String> causes) {
    Map<String, StandingChange> last = store.lock(tx, causes.keySet());
    Map<String, TenantStanding> standings = standings(tx, causes.keySet());
    Map<String, Instant> now = parts.clocks().now(tx, causes.keySet());
    SortedMap<String, StandingChange> changes = new TreeMap<>();
    causes.forEach(
        (tenant, cause) -> {
          TenantStanding stands = standings.get(tenant);
          StandingChange before = last.get(tenant);
          if (stands != null && (before == null || !isSame(before, stands.standing()))) {
            changes.put(
                tenant,
                new StandingChange(
                    before == null ? 1 : before.number() + 1,
                    stands.standing(),
                    cause,
                    Objects.requireNonNull(now.get(tenant))));
          }
        });
    announce(tx, changes);
    return standings;
  }

  private static boolean isSame(StandingChange before, Standing standing) {
    return before.standing().state() == standing.state()
        && before.standing().access() == standing.access();
  }

  private void announce(Transaction tx, SortedMap<String, StandingChange> changes) {
    if (changes.isEmpty()) {
      return;
    }
    store.add(tx, changes);
    List<Audit.Line> lines = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    changes.forEach(
        (tenant, change) -> {
          Map<String, Object> facts = new LinkedHashMap<>();
          facts.put("state", change.standing().state());
          facts.put("access", change.standing().access());
          facts.put("reason", change.standing().reason());
          facts.put("cause", change.cause());
          lines.add(new Audit.Line("system", "standing.changed", tenant, tenant, facts));
          events.add(
              new Event(tenant, "standing.changed", tenant, Wire.document(facts), change.since()));
        });
    parts.audit().recordAll(tx, lines);
    parts.outbox().publishAll(tx, events);
  }

  /**
   * Only what begins, ends, pauses or resumes a subscription can change where its tenant stands.
   */
  private void revised(Transaction tx, List<Revision> revisions) {
    SortedMap<String, String> changed = new TreeMap<>();
    for (Revision revision : revisions) {
      Subscription before = revision.before();
      if (before == null || !before.state().word().equals(revision.after().state().word())) {
        changed.put(revision.after().tenant(), "subscription");
      }
    }
    if (!changed.isEmpty()) {
      refresh(tx, changed);
    }
  }

  /**
   * The steps whose day has come; after a standstill several of one invoice, in their order. A
   * batch takes few statements, and goes by tenant, so that replicas with a batch each lock
   * standings and audit chains in one order.
   */
  private void step(Transaction tx, List<DueWork> due) {
    Map<String, Instant> now = new HashMap<>();
    due.forEach(work -> now.put(work.subject(), work.now()));
    List<Invoice> open =
        parts.invoices().find(tx, now.keySet()).stream()
            .filter(invoice -> invoice.status() == InvoiceStatus.OPEN)
            .sorted(Comparator.comparing(Invoice::tenant).thenComparing(Invoice::id))
            .toList();
    if (!open.isEmpty()) {
      step(tx, open, now);
    }
  }

  private void step(Transaction tx, List<Invoice> open, Map<String, Instant> now) {
    Set<String> ids = new TreeSet<>();
    open.forEach(invoice -> ids.add(invoice.tenant()));
    Map<String, Tenant> tenants = parts.tenants().all(tx, ids);
    List<Subscription> subscriptions = parts.subscriptions().of(tx, ids);
    Map<String, Set<Integer>> taken = store.steps(tx, open.stream().map(Invoice::id).toList());
    DunningSteps steps = new DunningSteps();
    SortedMap<String, String> causes = new TreeMap<>();
    for (Invoice invoice : open) {
      ZoneId zone = Objects.requireNonNull(tenants.get(invoice.tenant())).zone();
      Instant at = Objects.requireNonNull(now.get(invoice.id()));
      Policies.Dunning policy = policies.of(tx, invoice, subscriptions);
      steps.take(invoice, policy, taken.getOrDefault(invoice.id(), Set.of()), zone, at);
      causes.put(
          invoice.tenant(),
          "invoice " + invoice.id() + " day " + DunningPolicies.day(invoice, policy, at, zone));
    }
    store.takeSteps(tx, steps.taken());
    parts.agenda().scheduleAll(tx, steps.works());
    parts.outbox().publishAll(tx, steps.reminders());
    terminateWhereDue(tx, open, subscriptions, refresh(tx, causes));
  }

  /** The last step ends the invoice's subscriptions for good; their data may be deleted. */
  private void terminateWhereDue(
      Transaction tx,
      List<Invoice> invoices,
      List<Subscription> subscriptions,
      Map<String, TenantStanding> standings) {
    Set<String> over = new LinkedHashSet<>();
    for (Invoice invoice : invoices) {
      TenantStanding each = Objects.requireNonNull(standings.get(invoice.tenant()));
      for (Subscription subscription : subscriptions) {
        Standing own = each.bySubscription().get(subscription.id());
        boolean concerned =
            invoice.subscriptions().isEmpty()
                || invoice.subscriptions().contains(subscription.id());
        if (concerned
            && own != null
            && own.state() == BillingState.TERMINATED
            && !subscription.state().isOver()) {
          over.add(subscription.id());
        }
      }
    }
    over.forEach(id -> parts.subscriptions().terminate(tx, "system", id));
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
      Supplier<Map<String, Tenant>> tenants = tx.ask(() -> parts.tenants().all(tx, ids));
      Map<String, CatalogOf> catalogs =
          parts
              .subscriptions()
              .catalogs(tx, open.stream().flatMap(i -> i.subscriptions().stream()).toList());
      List<String> unnamed =
          open.stream().filter(i -> i.subscriptions().isEmpty()).map(Invoice::tenant).toList();
      List<Subscription> sold =
          unnamed.isEmpty() ? List.of() : parts.subscriptions().of(tx, unnamed);
      List<Work> works = new ArrayList<>();
      for (Invoice invoice : open) {
        Tenant tenant = tenants.get().get(invoice.tenant());
        Policies.Dunning policy =
            invoice.subscriptions().isEmpty()
                ? policies.of(tx, invoice, sold)
                : policies.of(tx, invoice, catalogs);
        Policies.Step first = DunningPolicies.next(policy, Set.of());
        if (tenant != null && first != null) {
          works.add(DunningSteps.work(invoice, policy, first, tenant.zone()));
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
