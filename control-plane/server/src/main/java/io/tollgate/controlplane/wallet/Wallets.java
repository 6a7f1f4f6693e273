package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionListener;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.wallet.Wallet.Settings;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The wallets. As a listener to the subscriptions it puts in the units that add-ons bring; it must
 * be added after the room that bills, so that a new period's units never pay for the old period's
 * usage. The rooms after it are given to it while the program is put together; afterwards
 * thread-safe.
 */
public final class Wallets implements Room, RevisionListener {
  /** The agenda's kind of work that forfeits what is left of an expired credit. */
  public static final String EXPIRE = "wallet.expire";

  /** The agenda's kind of work that tops a wallet up by itself. */
  public static final String TOP_UP = "wallet.top-up";

  private static final int BATCH = 50;

  private final Parts parts;
  private final Assets assets;
  private final Ledger ledger;
  private final TopUps topUps;
  private final AddOnUnits addOnUnits;
  private final Draws draws;
  private final SoldUnits sold;
  private final InvoiceMoney money;

  /** What this room is built on. */
  public record Parts(
      Catalogs catalogs,
      Tenants tenants,
      Subscriptions subscriptions,
      TenantClocks clocks,
      Agenda agenda,
      Outbox outbox,
      Audit audit,
      Ids ids) {}

  /** Wallets on these parts; adds their handlers to the agenda. */
  public Wallets(Parts parts) {
    this.parts = parts;
    this.assets = new Assets(parts.catalogs());
    this.ledger = new Ledger(parts.ids(), parts.agenda(), parts.outbox(), EXPIRE, TOP_UP);
    this.topUps = new TopUps(parts, ledger);
    this.addOnUnits = new AddOnUnits(parts.catalogs());
    this.draws = new Draws(ledger);
    this.sold = new SoldUnits(ledger, draws);
    this.money = new InvoiceMoney(ledger);
    parts.agenda().handle(EXPIRE, BATCH, this::expire);
    parts.agenda().handle(TOP_UP, 1, topUps::run);
  }

  /** Says what usage is open, for units that expire or are bought inside a period. */
  public void measure(OpenUsage openUsage) {
    draws.measure(openUsage);
  }

  /** Says who makes the invoices of top-ups. */
  public void billTopUps(TopUpBilling billing) {
    topUps.billBy(billing);
  }

  /** Adds one that is told of top-ups of money that wait for their payment. */
  public void listen(TopUpListener listener) {
    topUps.listen(listener);
  }

  /** Brings wallets that another control plane kept. */
  public WalletMoves moves() {
    return new WalletMoves(this, parts);
  }

  /** A wallet as it stands. */
  public Optional<Wallet> find(Transaction tx, String id) {
    return WalletStore.find(tx, id);
  }

  /** Asks ahead what {@link #of} does ({@link Transaction#foresee}). */
  public void foresee(Transaction tx, String tenant) {
    WalletStore.foresee(tx, tenant);
  }

  /** A tenant's wallets, by asset. */
  public List<Wallet> of(Transaction tx, String tenant) {
    return WalletStore.of(tx, List.of(tenant));
  }

  /** Which meters some tenants have wallets for, with one query; tenants without are missing. */
  public Map<String, Set<String>> meters(Transaction tx, Collection<String> tenants) {
    Map<String, Set<String>> meters = new HashMap<>();
    for (Wallet wallet : WalletStore.of(tx, tenants)) {
      if (wallet.asset() instanceof Asset.Units units) {
        meters.computeIfAbsent(wallet.tenant(), t -> new TreeSet<>()).add(units.meter());
      }
    }
    return meters;
  }

  /** What some tenants have paid ahead, with one query; tenants without are missing. */
  public Map<String, PrepaidUnits> prepaid(Transaction tx, Collection<String> tenants) {
    Map<String, Map<String, Wallet>> wallets = new HashMap<>();
    for (Wallet wallet : WalletStore.of(tx, tenants)) {
      if (wallet.asset() instanceof Asset.Units units) {
        wallets
            .computeIfAbsent(wallet.tenant(), tenant -> new HashMap<>())
            .put(units.meter(), wallet);
      }
    }
    Map<String, PrepaidUnits> prepaid = new HashMap<>();
    wallets.forEach((tenant, byMeter) -> prepaid.put(tenant, new PrepaidUnits(tx, byMeter)));
    return prepaid;
  }

  /**
   * The tenant's wallet of the asset, locked; made where there was none.
   *
   * @throws Problem 422 naming {@code meter} or {@code currency} for what no wallet can hold
   */
  public Wallet open(Transaction tx, String tenant, Asset asset) {
    assets.decimals(tx, asset);
    WalletStore.ensure(tx, parts.ids().next("wal"), tenant, asset);
    return WalletStore.lock(tx, List.of(tenant), List.of(asset.key())).getFirst();
  }

  /**
   * Sets when a wallet alerts and tops itself up.
   *
   * @throws Problem 404 for no such wallet, 422 for an add-on that brings it nothing
   */
  public Wallet configure(Transaction tx, String actor, String id, Settings settings) {
    Wallet wallet = locked(tx, id);
    topUps.check(tx, wallet, settings.topUp());
    WalletStore.configure(tx, id, settings);
    record(tx, actor, "wallet.configured", wallet, Map.of("version", wallet.version() + 1));
    // Being low already is no fall: only the next crossing is told.
    BigDecimal alert = settings.alertBelow();
    WalletStore.mark(tx, id, alert != null && wallet.balance().compareTo(alert) < 0);
    Wallet after = WalletStore.find(tx, id).orElseThrow();
    ledger.watch(tx, after, after.balance(), now(tx, after));
    return WalletStore.find(tx, id).orElseThrow();
  }

  /**
   * Puts something in: whole units of a meter that is counted whole, unless they are carried over.
   *
   * @throws Problem 422 naming the field for an asset, an amount or an expiry that cannot be
   */
  public Wallet deposit(Transaction tx, String actor, String tenant, Asset asset, Deposit deposit) {
    int decimals = assets.decimals(tx, asset);
    Instant now = parts.clocks().now(tx, tenant);
    // What is carried over was sold in blocks, whose size may be a part of a unit.
    boolean mayBePart = deposit.source() == Credit.Source.CARRY_OVER;
    if (!asset.holds(deposit.amount())
        || (!mayBePart && deposit.amount().stripTrailingZeros().scale() > decimals)) {
      throw Problem.invalid(
          "amount", "over 0, with at most " + decimals + " decimals of " + asset.name());
    }
    deposit.mustLastBeyond(now);
    Wallet wallet = open(tx, tenant, asset);
    ledger.deposit(tx, wallet, deposit, now);
    record(
        tx,
        actor,
        "wallet.deposit",
        wallet,
        Map.of("amount", deposit.amount().toPlainString(), "origin", deposit.origin()));
    draws.settle(tx, wallet.id(), now);
    return WalletStore.find(tx, wallet.id()).orElseThrow();
  }

  /**
   * Asks for money to be paid in by an invoice of its own; it is put in when that is paid.
   *
   * @param collection when somebody is asked for it
   * @throws Problem 404, or 422 for units, for which an add-on is bought, and for a tenant that has
   *     no subscription, because nobody could issue the invoice
   */
  public TopUp topUp(
      Transaction tx, String actor, String id, Deposit deposit, TopUp.Collection collection) {
    Wallet wallet = locked(tx, id);
    Instant now = now(tx, wallet);
    deposit.mustLastBeyond(now);
    TopUp topUp = topUps.start(tx, wallet, deposit, collection, now);
    record(
        tx,
        actor,
        "wallet.top-up",
        wallet,
        Map.of("amount", deposit.amount().toPlainString(), "topUp", topUp.id()));
    return topUp;
  }

  /** Invoices were paid in full: those of top-ups fill their wallets. */
  public void paid(Transaction tx, Collection<String> invoices) {
    topUps.paid(tx, invoices);
  }

  /** An invoice was voided: a top-up's is given up, what a wallet paid of another comes back. */
  public void voided(Transaction tx, Due invoice) {
    topUps.voided(tx, invoice.invoice());
    money.giveBack(tx, invoice);
  }

  /**
   * An invoice to be paid.
   *
   * @param invoice its id
   * @param tenant who owes
   * @param amount what is due
   * @param at by the tenant's clock
   */
  public record Due(String invoice, String tenant, Money amount, Instant at) {}

  /**
   * Pays invoices from the wallets of their currencies, in their order; invoices of top-ups are
   * never paid so.
   *
   * @return by invoice, what was paid; those nothing was paid of are missing
   */
  public Map<String, Money> pay(Transaction tx, List<Due> dues) {
    return money.pay(tx, dues);
  }

  /**
   * Units that a line of an invoice sold.
   *
   * @param origin what their credits' origins begin with
   * @param at when they were put in; null for whenever
   * @param quantity the line's, over zero, for all of them
   */
  public record Lot(String origin, @Nullable Instant at, BigDecimal quantity) {}

  /**
   * Takes units back that were bought, where usage has not drawn them.
   *
   * @param quantity how much of the lot's, over zero
   * @return why it cannot be, and then nothing has changed; empty where it is done
   */
  public Optional<String> takeBack(Transaction tx, Lot lot, BigDecimal quantity, Due invoice) {
    return sold.takeBack(tx, lot, quantity, invoice);
  }

  /**
   * Units that an item put in.
   *
   * @param units which nobody has used, 0 to {@code of}
   * @param of how many there were, less those that were taken back; over 0
   */
  public record Unused(BigDecimal units, BigDecimal of) {}

  /**
   * How many of the units that recurring add-ons have put in for the present period nobody has
   * used, by item; those that put in none are missing. Of several meters the one with the fewest.
   *
   * @param billed by meter, units of the open usage that are billed now: what else it drew goes
   *     back
   */
  public Map<String, Unused> unused(
      Transaction tx,
      Subscription of,
      Collection<SubscriptionItem> items,
      Map<String, BigDecimal> billed) {
    return sold.unused(tx, of, items, billed);
  }

  /** Takes those out: the fee they were bought with is given back. */
  public void leave(Transaction tx, Subscription of, SubscriptionItem item, Instant at) {
    sold.leave(tx, of, item, at);
  }

  /**
   * Something of a top-up's invoice is credited: it is not put in, or is taken out again.
   *
   * @return why it cannot be, and then nothing has changed; empty where it is done, or the invoice
   *     is no top-up's
   */
  public Optional<String> takeBack(Transaction tx, Due credited) {
    return topUps.credited(tx, credited);
  }

  /** Draws what the open usage of some tenants takes of their units. */
  public void used(Transaction tx, Collection<String> tenants) {
    for (Wallet wallet : WalletStore.lock(tx, tenants, null)) {
      draws.settle(tx, wallet.id(), now(tx, wallet));
    }
  }

  /**
   * How many units of a tenant's usage its wallets would cover, by meter; changes nothing.
   *
   * @param units that may be covered, by meter
   */
  public Map<String, BigDecimal> covered(
      Transaction tx, String tenant, Map<String, BigDecimal> units, Instant at) {
    return draws.covered(tx, tenant, units, at);
  }

  /**
   * As {@link #covered}, for good: draws them, and begins a new round for the meters given. For the
   * transaction that bills the usage.
   */
  public Map<String, BigDecimal> bill(
      Transaction tx, String tenant, Map<String, BigDecimal> units, Instant at) {
    return draws.bill(tx, tenant, units, at);
  }

  /** As {@link #bill}, beside what the open usage has drawn, which stays; by a closing's name. */
  public Map<String, BigDecimal> billLate(
      Transaction tx, String tenant, Map<String, BigDecimal> units, String closing, Instant at) {
    return draws.billLate(tx, tenant, units, closing, at);
  }

  /** Gives back what {@link #billLate} drew: what billed it was voided. */
  public void giveBackLate(Transaction tx, String tenant, String closing, Instant at) {
    draws.giveBackLate(tx, tenant, closing, at);
  }

  @Override
  public void revised(Transaction tx, List<Revision> revisions) {
    for (Revision revision : revisions) {
      for (AddOnUnits.Bought bought : addOnUnits.of(tx, revision)) {
        String tenant = revision.after().tenant();
        Wallet wallet = open(tx, tenant, new Asset.Units(bought.meter()));
        BigDecimal had = WalletStore.deposited(tx, wallet.id(), bought.within());
        BigDecimal more = bought.all().subtract(had).min(bought.units());
        if (more.signum() > 0) {
          ledger.deposit(tx, wallet, bought.deposit(more), revision.at());
          draws.settle(tx, wallet.id(), revision.at());
        }
      }
    }
  }

  private void expire(Transaction tx, List<DueWork> due) {
    for (DueWork work : due) {
      Credit credit = WalletStore.credit(tx, work.subject()).orElseThrow();
      locked(tx, credit.wallet());
      draws.settle(tx, credit.wallet(), work.dueAt());
      Wallet wallet = WalletStore.find(tx, credit.wallet()).orElseThrow();
      ledger.forfeit(tx, wallet, WalletStore.credit(tx, credit.id()).orElseThrow(), work.now());
    }
  }

  private Instant now(Transaction tx, Wallet wallet) {
    return parts.clocks().now(tx, wallet.tenant());
  }

  private void record(
      Transaction tx, String actor, String action, Wallet wallet, Map<String, Object> facts) {
    parts.audit().record(tx, actor, action, wallet.id(), wallet.tenant(), facts);
  }

  private static Wallet locked(Transaction tx, String id) {
    return WalletStore.lock(tx, id).orElseThrow(() -> Problem.notFound("wallet", id));
  }

  /** What was ever put into a wallet, oldest first. */
  public List<Credit> credits(Transaction tx, String wallet) {
    return WalletStore.credits(tx, wallet);
  }

  /** Every movement of a wallet, oldest first. */
  public List<Transfer> ledger(Transaction tx, String wallet) {
    return WalletStore.ledger(tx, wallet);
  }

  @Override
  public void mount(Routes routes) {
    new WalletRoutes(this, parts).mount(routes);
  }
}
