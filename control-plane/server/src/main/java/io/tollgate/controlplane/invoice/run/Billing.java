package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.Claims;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.invoice.composition.Issue;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.invoice.run.Loading.Mode;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.RevisionListener;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.wallet.TopUp;
import io.tollgate.controlplane.wallet.TopUpBilling;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Bills what happens to subscriptions, in the transaction in which it happens: the run's chunks,
 * changes, cancellations. A chunk of hundreds loads by a few queries, composes in memory and writes
 * by a few statements. Exactly once: the step and its invoice are one transaction, and what was
 * billed is claimed by a unique key. Thread-safe.
 */
public final class Billing implements RevisionListener, TopUpBilling {
  /** The agenda's kind of work that makes drafts final when their grace is over. */
  public static final String FINALIZE = "invoice.finalize";

  /** The agenda's kind of work that makes one invoice of what was billed on a day. */
  public static final String GROUP = "invoice.group";

  /** The agenda's kind of work that bills what was told after a subscription's end. */
  public static final String CLOSE = "invoice.close";

  private static final int CHUNK = 200;

  private final Sources sources;
  private final Invoices invoices;
  private final Agenda agenda;
  private final Ids ids;
  private final Joining joining;
  private final Drafting drafting;
  private final UsageBack back;
  private final Closing closing;

  /** Billing in which every document is made at its instant. */
  public Billing(
      Sources sources, Composition composition, Invoices invoices, Agenda agenda, Ids ids) {
    this(sources, composition, invoices, agenda, ids, null);
  }

  /**
   * Billing from these sources; adds its handler to the agenda.
   *
   * @param clocks which say when documents of the past are made
   */
  public Billing(
      Sources sources,
      Composition composition,
      Invoices invoices,
      Agenda agenda,
      Ids ids,
      @Nullable TenantClocks clocks) {
    this.sources = sources;
    this.invoices = invoices;
    this.agenda = agenda;
    this.ids = ids;
    this.joining = new Joining(sources, invoices, clocks);
    this.drafting = new Drafting(sources, composition, ids, joining, clocks);
    this.back = new UsageBack(sources, invoices);
    this.closing = new Closing(sources, drafting);
    agenda.handle(FINALIZE, CHUNK, this::finalizeDue);
    agenda.handle(GROUP, CHUNK, this::groupDue);
    agenda.handle(CLOSE, CHUNK, this::closeDue);
  }

  @Override
  public void revised(Transaction tx, List<Revision> revisions) {
    bill(tx, revisions);
  }

  /**
   * Bills some steps. Where the catalog gives drafts grace, they wait as drafts for the agenda;
   * what it lets wait for another invoice is made for good and waits for that; others become final
   * at once.
   *
   * @throws io.tollgate.controlplane.database.ConflictException if one of them was billed before
   */
  public void bill(Transaction tx, List<Revision> revisions) {
    List<Bills> steps = drafting.steps(tx, revisions);
    Map<Way, List<Bills>> byWay = steps.stream().collect(Collectors.groupingBy(Way::of));
    List<Draft> later =
        drafting.compose(tx, byWay.getOrDefault(Way.LATER, List.of()), Mode.FOR_GOOD);
    add(tx, later.stream().map(draft -> draft.waiting(Draft.Waits.NEXT)).toList());
    List<Bills> graced = byWay.getOrDefault(Way.AS_DRAFT, List.of());
    List<Draft> drafts = drafting.compose(tx, graced, Mode.DRAFT);
    add(tx, drafts);
    agenda.scheduleAll(tx, drafts.stream().map(Billing::finalization).toList());
    List<Bills> atOnce = new ArrayList<>(byWay.getOrDefault(Way.AT_ONCE, List.of()));
    atOnce.addAll(endedWithout(drafts, graced));
    List<UsageBack.Surplus> surplus = new ArrayList<>();
    List<Draft> made = drafting.compose(tx, atOnce, Mode.FOR_GOOD, new HashMap<>(), surplus);
    invoices.addFinalNumberedLast(tx, atOnce(tx, made));
    surplus.forEach(over -> back.credit(tx, over, over.step().revision().at()));
    List<Draft> all = new ArrayList<>(later);
    all.addAll(drafts);
    all.addAll(made);
    leave(tx, steps, all);
  }

  /** Units that were paid ahead leave with the fee that is given back. */
  private void leave(Transaction tx, List<Bills> steps, List<Draft> drafts) {
    for (Bills step : steps) {
      for (SubscriptionItem item : step.paidAhead()) {
        if (drafts.stream().anyMatch(draft -> draft.givesBack(item.id()))) {
          sources.prepaid().leave(tx, step.previous(), item, step.revision().at());
        }
      }
    }
  }

  /** Ends that no draft bills: what waits for a next document has to go without. */
  private static List<Bills> endedWithout(List<Draft> drafts, List<Bills> graced) {
    Set<String> drafted =
        drafts.stream()
            .flatMap(draft -> draft.claims().stream())
            .map(Draft.Claim::subscription)
            .collect(Collectors.toSet());
    return graced.stream()
        .filter(step -> step.revision().after().state().isOver())
        .filter(step -> !drafted.contains(step.revision().after().id()))
        .toList();
  }

  /** What becomes of a step's bills. */
  private enum Way {
    LATER,
    AS_DRAFT,
    AT_ONCE;

    static Way of(Bills step) {
      return step.waits() ? LATER : step.after().policies().draftHours() > 0 ? AS_DRAFT : AT_ONCE;
    }
  }

  private void add(Transaction tx, List<Draft> drafts) {
    invoices.add(tx, drafts);
    assignCharges(tx, drafts);
  }

  /**
   * What the steps would bill, without writing anything: a preview of steps that were never taken.
   */
  public List<InvoiceDetails> preview(Transaction tx, List<Revision> revisions) {
    List<UsageBack.Surplus> surplus = new ArrayList<>();
    List<InvoiceDetails> seen = new ArrayList<>(drafting.look(tx, revisions, surplus));
    seen.addAll(back.look(tx, surplus, List.copyOf(seen)));
    return seen;
  }

  /**
   * Charges something once, on the subscription's next invoice.
   *
   * @return the charge's id
   * @throws Problem 422 naming {@code quantity}, {@code unitPrice} or {@code taxCategory}
   */
  public String charge(Transaction tx, Subscription subscription, OneOffCharge what, Instant at) {
    String id = ids.next("one");
    charge(tx, id, subscription, what, at);
    return id;
  }

  /**
   * As {@link #charge(Transaction, Subscription, OneOffCharge, Instant)}, under an id of its own.
   *
   * @return whether it is new; if not, nothing has changed
   */
  public boolean charge(
      Transaction tx, String id, Subscription subscription, OneOffCharge what, Instant at) {
    what.check(sources.catalogs().of(tx, subscription.catalog(), subscription.version()));
    OneOff charge =
        new OneOff(
            id,
            subscription.tenant(),
            subscription.id(),
            what.item(),
            what.description(),
            what.quantity(),
            what.unitPrice(),
            what.taxCategory(),
            at);
    return OneOffStore.insert(tx, charge);
  }

  /** Bills at once what waits for a subscription's next invoice; empty if nothing does. */
  public Optional<Invoice> billWaiting(Transaction tx, Subscription subscription, Instant now) {
    List<OneOff> waiting =
        OneOffStore.lockWaiting(tx, List.of(subscription.id()))
            .getOrDefault(subscription.id(), List.of());
    Drafting.Head head =
        new Drafting.Head(
            subscription.tenant(), subscription.currency(), subscription.catalog(), now);
    List<Bill> bills = new ArrayList<>();
    List<Draft.Claim> claims = new ArrayList<>();
    for (OneOff charge : waiting) {
      Bill bill = new Bill.Once(charge.line(subscription.currency(), subscription.current()));
      bills.add(bill);
      claims.add(Drafting.claim(subscription, bill));
    }
    Catalog catalog = sources.catalogs().of(tx, subscription.catalog(), subscription.version());
    Map<String, Customer> customers = sources.customers().of(tx, List.of(subscription.tenant()));
    Issue issue =
        new Issue(
                ids.next("inv"),
                Objects.requireNonNull(customers.get(subscription.tenant())),
                catalog,
                now)
            .taxedBy(sources.catalogs().newestTaxes(tx, subscription.catalog()));
    List<String> waits =
        WaitingStore.next(tx, List.of(subscription.tenant()), List.of(subscription.id()), true)
            .stream()
            .map(WaitingStore.One::id)
            .toList();
    Draft draft =
        joining.joined(
            tx,
            drafting.draft(head, issue, bills, claims, Reduction.Rule.NONE),
            issue,
            waits,
            Mode.FOR_GOOD);
    return draft == null ? Optional.empty() : Optional.of(addFinal(tx, List.of(draft)).getFirst());
  }

  /** Drafts the invoice of a top-up: one untaxed line that belongs to no subscription. */
  @Override
  public String draft(Transaction tx, TopUp topUp, Subscription seller) {
    Catalog catalog = sources.catalogs().of(tx, seller.catalog(), seller.version());
    Customer customer =
        Objects.requireNonNull(
            sources.customers().of(tx, List.of(topUp.tenant())).get(topUp.tenant()));
    Drafting.Head head =
        new Drafting.Head(topUp.tenant(), topUp.currency(), seller.catalog(), topUp.at());
    Issue issue = new Issue(ids.next("inv"), customer, catalog, topUp.at());
    Bill bill = new Bill.Once(TopUpLine.of(topUp));
    Draft draft =
        Objects.requireNonNull(
            drafting.draft(head, issue, List.of(bill), List.of(), Reduction.Rule.NONE),
            "a line is there");
    invoices.add(tx, List.of(draft));
    return issue.id();
  }

  @Override
  public void makeFinal(Transaction tx, String invoice) {
    invoices.makeFinal(tx, List.of(invoice));
  }

  /** Compares what was metered, rated, priced and invoiced for a tenant. */
  public Reconciliation reconcile(Transaction tx, String tenant, Subscriptions subscriptions) {
    return new Reconciler(sources).of(tx, tenant, subscriptions.of(tx, tenant));
  }

  /** Makes drafts final whose grace is over. */
  private void finalizeDue(Transaction tx, List<DueWork> due) {
    makeFinal(tx, due.stream().map(DueWork::subject).toList(), UnaryOperator.identity());
  }

  /** Makes one invoice of what was billed on a day that is over. */
  private void groupDue(Transaction tx, List<DueWork> due) {
    for (DueWork work : due) {
      for (List<String> alike : joining.ofDay(tx, work.tenant(), work.dueAt())) {
        addFinal(tx, List.of(joining.whole(tx, alike, work.dueAt().minusMillis(1))));
      }
    }
  }

  /** Bills what was told of last periods after they were billed. */
  private void closeDue(Transaction tx, List<DueWork> due) {
    for (DueWork work : due) {
      RevisionKey key = LastPeriods.key(work.subject());
      Revision step = Objects.requireNonNull(sources.steps().of(tx, List.of(key)).get(key));
      Bills end = sources.bills(tx, step);
      if (DraftStore.bills(tx, key)) {
        Instant until = end.stretches().getLast().period().end();
        agenda.schedule(
            tx,
            LastPeriods.closing(
                work.tenant(), step.id(), until, end.after().policies(), work.dueAt()));
        continue;
      }
      List<UsageBack.Surplus> surplus = new ArrayList<>();
      Draft draft = closing.draft(tx, end, work.dueAt(), work.now(), surplus);
      if (draft != null) {
        boolean ofDay = end.after().policies().grouping() == Policies.Grouping.DAY;
        addFinal(tx, List.of(ofDay ? draft.waiting(Draft.Waits.DAY) : draft));
      }
      surplus.forEach(over -> back.credit(tx, over, work.dueAt()));
    }
  }

  /**
   * Composes drafts anew, with the usage that came in meanwhile, and makes them final; what waits
   * for another document becomes one of its own; others of the ids are left alone.
   */
  public List<Invoice> finalizeDrafts(Transaction tx, List<String> drafts) {
    return makeFinal(tx, drafts, draft -> draft.waiting(null));
  }

  private List<Invoice> makeFinal(Transaction tx, List<String> drafts, UnaryOperator<Draft> as) {
    List<String> waiting = WaitingStore.among(tx, drafts);
    List<String> others = drafts.stream().filter(id -> !waiting.contains(id)).toList();
    List<Invoice> made = new ArrayList<>();
    for (List<Claims.Step> round : Rounds.of(Claims.ofDrafts(tx, others))) {
      List<UsageBack.Surplus> surplus = new ArrayList<>();
      List<Draft> ready = composedAnew(tx, round, surplus);
      made.addAll(addFinal(tx, ready.stream().map(as).toList()));
      surplus.forEach(over -> back.credit(tx, over, over.step().revision().at()));
    }
    others.forEach(draft -> agenda.cancel(tx, FINALIZE, draft));
    WaitingStore.among(tx, waiting)
        .forEach(id -> made.addAll(addFinal(tx, List.of(joining.whole(tx, List.of(id), null)))));
    return made;
  }

  private List<Draft> composedAnew(
      Transaction tx, List<Claims.Step> billed, List<UsageBack.Surplus> surplus) {
    List<RevisionKey> keys = billed.stream().map(Claims.Step::key).distinct().toList();
    Map<RevisionKey, Revision> found = sources.steps().of(tx, keys);
    List<Revision> revisions =
        keys.stream().map(key -> Objects.requireNonNull(found.get(key))).toList();
    List<String> drafts = billed.stream().map(Claims.Step::invoice).distinct().toList();
    new CouponsBack(sources.discounts()).of(tx, drafts);
    Claims.withdraw(tx, drafts);
    Map<RevisionKey, String> ids = new HashMap<>();
    billed.forEach(step -> ids.putIfAbsent(step.key(), step.invoice()));
    return drafting.compose(tx, drafting.steps(tx, revisions), Mode.FOR_GOOD, ids, surplus);
  }

  private static Work finalization(Draft draft) {
    Invoice invoice = draft.details().invoice();
    return new Work(invoice.tenant(), FINALIZE, invoice.id(), draft.finalAt());
  }

  private List<Invoice> addFinal(Transaction tx, List<Draft> drafts) {
    return invoices.addFinal(tx, atOnce(tx, drafts));
  }

  /** Those that become final now; the others are stored and wait for their day's invoice. */
  private List<Draft> atOnce(Transaction tx, List<Draft> drafts) {
    List<Draft> ofDay = drafts.stream().filter(draft -> draft.waits() != null).toList();
    if (!ofDay.isEmpty()) {
      add(tx, ofDay);
      agenda.scheduleAll(tx, ofDay.stream().map(Joining::grouping).distinct().toList());
    }
    List<Draft> now = drafts.stream().filter(draft -> draft.waits() == null).toList();
    assignCharges(tx, now);
    return now;
  }

  /** Says of the charges that waited which document took them. */
  private static void assignCharges(Transaction tx, List<Draft> drafts) {
    List<String> charges = new ArrayList<>();
    List<String> takers = new ArrayList<>();
    for (Draft draft : drafts) {
      for (InvoiceLine line : draft.details().lines()) {
        if (line.charge() instanceof Charge.OneOff && line.source() != null) {
          charges.add(line.source());
          takers.add(draft.details().invoice().id());
        }
      }
    }
    OneOffStore.assign(tx, charges, takers);
  }
}
