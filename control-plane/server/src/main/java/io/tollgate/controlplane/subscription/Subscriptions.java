package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions: every command and every instant at which something happens by itself leads to
 * a {@link Revision}, stored with its event and told to the listeners in one transaction.
 *
 * <p>Commands throw {@link Problem}: 404 for no such subscription, 409 naming the state and what is
 * possible, 422 naming the field. Listeners are added while the program is put together; afterwards
 * thread-safe.
 */
public final class Subscriptions implements Room {
  /** The agenda's kind for a dated start, a period's or trial's end, and a pause's end. */
  public static final String TURN = "subscription.turn";

  private static final int BATCH = 200;

  private final Parts parts;
  private final Lifecycle lifecycle;
  private final Revisions revisions;
  private final Changes changes;
  private final Turns turns;
  private final Possibilities possibilities = new Possibilities();

  /** What this room is built on. */
  public record Parts(
      Catalogs catalogs,
      Buyers buyers,
      TenantClocks clocks,
      Agenda agenda,
      Outbox outbox,
      Audit audit,
      Ids ids) {}

  /** Subscriptions on these parts; adds their handler to the agenda. */
  public Subscriptions(Parts parts) {
    this.parts = parts;
    this.revisions = new Revisions(parts);
    this.lifecycle = new Lifecycle(new Holdings(() -> parts.ids().next("itm")));
    this.changes = new Changes(parts, lifecycle, possibilities);
    this.turns = new Turns(parts, lifecycle, revisions);
    parts.agenda().handle(TURN, BATCH, turns::turn);
  }

  /** Adds a listener; listeners are told in the order in which they were added. */
  public void listen(RevisionListener listener) {
    revisions.listen(listener);
  }

  /** Says who takes the coupons that come with an order. */
  public void redeemCoupons(Coupons desk) {
    revisions.redeemCoupons(desk);
  }

  /** Says what later rooms know. */
  public void under(Circumstances known) {
    possibilities.under(known);
  }

  /** A subscription as it stands. */
  public Optional<Subscription> find(Transaction tx, String id) {
    return SubscriptionStore.find(tx, id);
  }

  /** As {@link #find}, and with the same query what time it is for its tenant. */
  public Optional<Subscription> findWithClock(Transaction tx, String id) {
    return SubscriptionStore.find(tx, id, parts.clocks());
  }

  /** All subscriptions of a tenant, ended ones too, oldest first. */
  public List<Subscription> of(Transaction tx, String tenant) {
    return SubscriptionStore.ofTenants(tx, List.of(tenant));
  }

  /** All subscriptions of some tenants, with one query. */
  public List<Subscription> of(Transaction tx, Collection<String> tenants) {
    return SubscriptionStore.ofTenants(tx, tenants);
  }

  /** The catalog version a subscription lives under. */
  public record CatalogOf(String name, int version) {}

  /** The catalogs of some subscriptions, by their ids, with one query. */
  public Map<String, CatalogOf> catalogs(Transaction tx, Collection<String> ids) {
    return SubscriptionStore.catalogs(tx, ids);
  }

  /**
   * Subscriptions by id, so many after one.
   *
   * @param tenant whose; null for everybody's
   */
  public List<Subscription> page(Transaction tx, @Nullable String tenant, String after, int most) {
    return SubscriptionStore.after(tx, tenant, after, most);
  }

  /** The tenants with subscriptions of a catalog, in order: so many after one. */
  public List<String> tenants(Transaction tx, String catalog, String after, int most) {
    return SubscriptionStore.tenants(tx, catalog, after, most);
  }

  /**
   * The instants within a span at which something begins or ends for these tenants' subscriptions:
   * a period, or a change of it. With one query; usage is kept apart there.
   */
  public Map<String, List<Instant>> boundaries(
      Transaction tx, Collection<String> tenants, Period span) {
    return SubscriptionStore.boundaries(tx, tenants, span);
  }

  /** Every step of a subscription, oldest first. */
  public List<Revision> revisions(Transaction tx, String id) {
    return SubscriptionStore.revisions(tx, id);
  }

  /** The last steps that ended subscriptions of tenants, by subscription, with one query. */
  public Map<String, Revision> ends(Transaction tx, Collection<String> tenants) {
    return SubscriptionStore.ends(tx, tenants);
  }

  /** Steps of subscriptions, with one query; those that are not there are missing. */
  public Map<RevisionKey, Revision> revisions(Transaction tx, Collection<RevisionKey> keys) {
    return SubscriptionStore.revisions(tx, keys);
  }

  /**
   * Starts a subscription.
   *
   * @param codes coupons to redeem for it
   */
  public Revision start(Transaction tx, String actor, Order order, List<String> codes) {
    Revision revision = previewStart(tx, order);
    Subscription subscription = revision.after();
    refuseSecond(tx, subscription);
    revisions.keep(tx, actor, List.of(revision), codes);
    return revision;
  }

  /** As {@link #start(Transaction, String, Order, List)}, from the fields the API takes. */
  public Subscription start(Transaction tx, String actor, JsonFields fields) {
    return new SubscriptionRoutes(this, parts).start(tx, actor, fields);
  }

  /** A subscription in the words {@link #bring} takes, JSON. */
  public String carried(Subscription subscription) {
    return SubscriptionJson.write(subscription).text();
  }

  /**
   * Takes over a subscription as another control plane had it: its items, state, periods and what
   * waits. Nothing is billed because of it before its next step.
   *
   * @param tenant whose it is here
   * @param catalog what its catalog is called here
   * @param carried what {@link #carried} said there
   * @throws Problem 409 where the tenant has a living one of its product, 422 naming {@code
   *     asItStands} for what cannot be or does not fit the catalogs here
   */
  public Subscription bring(
      Transaction tx, String actor, String tenant, String catalog, String carried) {
    if (parts.buyers().find(tx, tenant).isEmpty()) {
      throw Problem.invalid("tenant", "there is no tenant " + tenant);
    }
    Subscription brought = Carried.read(carried, tenant, catalog);
    Carried.check(brought, version -> parts.catalogs().find(tx, catalog, version));
    if (find(tx, brought.id()).isPresent()) {
      throw Carried.wrong("there is a subscription " + brought.id() + " already");
    }
    if (!brought.state().isOver()) {
      refuseSecond(tx, brought);
    }
    revisions.bring(tx, actor, new Revision(Command.START, now(tx, brought), null, brought, false));
    return brought;
  }

  private void refuseSecond(Transaction tx, Subscription subscription) {
    SubscriptionStore.living(tx, subscription)
        .ifPresent(
            id -> {
              throw conflict(
                  tx,
                  SubscriptionStore.find(tx, id).orElseThrow(),
                  "the tenant has it of this product already; change that one");
            });
  }

  /** What {@link #start} would lead to; stores nothing. */
  public Revision previewStart(Transaction tx, Order order) {
    CatalogVersion catalog =
        parts
            .catalogs()
            .newest(tx, order.catalog())
            .orElseThrow(
                () -> Problem.invalid("catalog", "there is no catalog '" + order.catalog() + "'"));
    ChangeRules.check(order, catalog.catalog());
    Instant now = parts.clocks().now(tx, order.tenant());
    if (order.startsAt().isBefore(now.minusSeconds(366L * 24 * 3600))) {
      throw Problem.invalid("startsAt", "at most a year back");
    }
    if (order.startsAt().isBefore(now)) {
      possibilities
          .circumstances()
          .lastFinalInvoice(tx, order.tenant())
          .filter(last -> order.startsAt().isBefore(last))
          .ifPresent(
              last -> {
                throw Problem.invalid(
                    "startsAt", "not before " + last + ", when the tenant's last invoice was made");
              });
    }
    return lifecycle.start(parts.ids().next("sub"), order, catalog, now);
  }

  /**
   * Changes plan, units, cycle, add-ons or catalog version, at once or at the period's end.
   *
   * @param asked when; null to let the catalog's policies say
   */
  public Revision change(
      Transaction tx, String actor, String id, Change change, @Nullable When asked) {
    return revisions.keep(tx, actor, changes.of(tx, locked(tx, id), change, asked));
  }

  /** What {@link #change} would lead to; stores nothing. */
  public Revision previewChange(
      Transaction tx, Subscription before, Change change, @Nullable When asked) {
    return changes.of(tx, before, change, asked);
  }

  /** Moves a trial's end, or ends it now, with a change or as it is. */
  public Revision trial(Transaction tx, String actor, String id, TrialEnd ends) {
    return revisions.keep(tx, actor, changes.trial(tx, locked(tx, id), ends));
  }

  /** What {@link #trial} would lead to; stores nothing. */
  public Revision previewTrial(Transaction tx, Subscription before, TrialEnd ends) {
    return changes.trial(tx, before, ends);
  }

  /** Takes back a change or a pause that waits. */
  public Revision unschedule(Transaction tx, String actor, String id, String change) {
    Subscription before = locked(tx, id);
    possibilities.check(tx, before, Command.UNSCHEDULE);
    return revisions.keep(tx, actor, lifecycle.unschedule(before, change, now(tx, before)));
  }

  /** Pauses a subscription, at once or later. */
  public Revision pause(Transaction tx, String actor, String id, PauseWish asked) {
    return revisions.keep(tx, actor, changes.paused(tx, locked(tx, id), asked));
  }

  /** Resumes a paused subscription; its period's end moves by the pause. */
  public Revision resume(Transaction tx, String actor, String id) {
    Subscription before = locked(tx, id);
    possibilities.check(tx, before, Command.RESUME);
    return revisions.keep(tx, actor, resumed(tx, before, now(tx, before)));
  }

  private Revision resumed(Transaction tx, Subscription before, Instant at) {
    return lifecycle.resume(before, own(tx, before).catalog().policies(), at);
  }

  /** Ends a subscription, at once or later. */
  public Revision cancel(Transaction tx, String actor, String id, Cancellation asked) {
    return revisions.keep(tx, actor, changes.cancelled(tx, locked(tx, id), asked));
  }

  /**
   * What {@link #cancel} would lead to; stores nothing.
   *
   * @throws Problem 422 for an end after the present period, of which nothing is known yet
   */
  public Revision previewCancel(Transaction tx, Subscription before, Cancellation asked) {
    Revision revision = changes.cancelled(tx, before, asked);
    if (asked.at() != null && asked.at().isAfter(before.current().end())) {
      throw Problem.invalid(
          "at", "a preview reaches to the present period's end, " + before.current().end());
    }
    return revision;
  }

  /** Asks ahead what a step that is previewed depends on ({@link Transaction#foresee}). */
  public void foresee(Transaction tx, Subscription before) {
    possibilities.circumstances().foresee(tx, before);
  }

  /** What happens next by itself, such as the period's end; empty for nothing. Stores nothing. */
  public Optional<Revision> next(Transaction tx, Subscription subscription) {
    return turns.next(tx, subscription);
  }

  /** Takes back a cancellation that waits. */
  public Revision undoCancel(Transaction tx, String actor, String id) {
    Subscription before = locked(tx, id);
    possibilities.check(tx, before, Command.UNDO_CANCEL);
    return revisions.keep(tx, actor, lifecycle.undoCancel(before, now(tx, before)));
  }

  /** Begins an ended subscription again, with a new first period from now. */
  public Revision reactivate(Transaction tx, String actor, String id) {
    Subscription before = locked(tx, id);
    possibilities.check(tx, before, Command.REACTIVATE);
    refuseSecond(tx, before);
    return revisions.keep(
        tx, actor, lifecycle.reactivate(before, own(tx, before), now(tx, before)));
  }

  /** Ends a subscription for good: dunning's last step. */
  public Revision terminate(Transaction tx, String actor, String id) {
    Subscription before = locked(tx, id);
    return revisions.keep(tx, actor, lifecycle.terminate(before, now(tx, before)));
  }

  /**
   * Moves everyone under an older version of a catalog to its newest at the end of a period: the
   * present one, or the first that does not end before an instant. Those whose plan or add-ons it
   * no longer has are left, and named.
   *
   * @param notBefore null for the present period's end
   * @return the ids of those that are left
   */
  public List<String> migrateAll(
      Transaction tx, String actor, String catalog, @Nullable Instant notBefore) {
    CatalogVersion newest =
        parts
            .catalogs()
            .newest(tx, catalog)
            .orElseThrow(() -> Problem.notFound("catalog", catalog));
    List<String> left = new ArrayList<>();
    List<Revision> made = new ArrayList<>();
    for (Subscription before : SubscriptionStore.olderThan(tx, catalog, newest.version())) {
      try {
        made.add(changes.migration(tx, before, notBefore));
      } catch (Problem problem) {
        left.add(before.id());
      }
    }
    revisions.keep(tx, actor, made, List.of());
    return left;
  }

  /** A refusal for a subscription's state: 409, with the state and what is possible in it. */
  public Problem conflict(Transaction tx, Subscription subscription, String detail) {
    return possibilities.conflict(tx, subscription, detail);
  }

  Possibilities possibilities() {
    return possibilities;
  }

  /** Why the tenant cannot be archived yet: a subscription that has not ended. */
  public Optional<String> objectionToArchiving(Transaction tx, String tenant) {
    return of(tx, tenant).stream()
        .filter(subscription -> !subscription.state().isOver())
        .map(subscription -> "subscription " + subscription.id() + " has not ended")
        .findFirst();
  }

  private Instant now(Transaction tx, Subscription subscription) {
    return parts.clocks().now(tx, subscription.tenant());
  }

  private CatalogVersion own(Transaction tx, Subscription subscription) {
    return parts.catalogs().version(tx, subscription.catalog(), subscription.version());
  }

  /** Held until the transaction ends; 404 where it is not there. */
  static Subscription locked(Transaction tx, String id) {
    return SubscriptionStore.lock(tx, List.of(id)).stream()
        .findFirst()
        .orElseThrow(() -> Problem.notFound("subscription", id));
  }

  @Override
  public void mount(Routes routes) {
    new SubscriptionRoutes(this, parts).mount(routes);
  }
}
