package io.tollgate.controlplane.invoice.run;

import static io.tollgate.controlplane.invoice.Gaudaan.MARCH;
import static io.tollgate.controlplane.invoice.Gaudaan.plan;
import static io.tollgate.controlplane.invoice.Gaudaan.seats;
import static io.tollgate.controlplane.invoice.SampleInvoice.money;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Gaudaan;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.tax.CatalogTax;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BillingTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final AtomicLong TICKS = new AtomicLong(MARCH.toEpochMilli());

  /** Ids that sort by their making. */
  private static final Ids IDS =
      new Ids(() -> Instant.ofEpochMilli(TICKS.incrementAndGet()), new Random(7));

  private final Map<String, Long> used = new HashMap<>();
  private final Map<String, Revision> steps = new HashMap<>();
  private final Invoices invoices = new Invoices(IDS);
  private Catalog catalog = Gaudaan.catalog(true);
  private String tenant = "";
  private String subscription = "";

  @BeforeEach
  void anotherTenant() {
    tenant = IDS.next("ten");
    subscription = IDS.next("sub");
  }

  @Test
  void bill_ofAStartIsTheFirstPeriodInAdvance() {
    bill(started());
    InvoiceDetails invoice = only();
    assertThat(invoice.invoice().status()).isEqualTo(InvoiceStatus.OPEN);
    assertThat(invoice.invoice().number()).startsWith("INV-2025-");
    assertThat(kinds(invoice)).containsExactly("BASE_FEE starter", "ADD_ON seat");
    assertThat(invoice.invoice().totals().total()).isEqualTo(money("1597.00"));
  }

  @Test
  void bill_ofARenewalIsTheNextPeriodAndTheUsageOfTheLast() {
    Revision start = started();
    bill(start);
    used.put("calls", 1500L);
    bill(renewed(start.after()));
    InvoiceDetails invoice = last();
    assertThat(kinds(invoice)).containsExactly("BASE_FEE starter", "ADD_ON seat", "USAGE api");
    assertThat(invoice.invoice().totals().total()).isEqualTo(money("1734.50"));
    assertThat(invoice.lines().get(2).quantity()).isEqualByComparingTo("1500");
  }

  @Test
  void bill_ofTheSameStepTwiceIsRefused() {
    Revision start = started();
    bill(start);
    assertThatThrownBy(() -> bill(start)).isInstanceOf(ConflictException.class);
    assertThat(all()).hasSize(1);
  }

  @Test
  void bill_ofAnUpgradeCreditsWhatWasCharged() {
    Revision start = started();
    bill(start);
    Instant at = MARCH.plus(Duration.ofDays(10));
    bill(upgraded(start.after(), at));
    InvoiceDetails invoice = last();
    assertThat(kinds(invoice))
        .containsExactly("PRORATION_CREDIT starter", "PRORATION_CHARGE premium");
    // 999.00 * 21/31 and 9,999.00 * 21/31, tax included
    assertThat(invoice.invoice().totals().total()).isEqualTo(money("6096.78"));
  }

  @Test
  void bill_ofASecondUpgradeCreditsOnlyTheFirstUpgradesCharge() {
    Revision start = started();
    bill(start);
    Revision first = upgraded(start.after(), MARCH.plus(Duration.ofDays(10)));
    bill(first);
    Instant at = MARCH.plus(Duration.ofDays(20));
    Subscription before = first.after();
    List<SubscriptionItem> items =
        List.of(
            before.items().get(0),
            before.items().get(1).endingAt(at),
            before.items().get(2),
            plan("itm_third", "starter", at, null));
    bill(new Revision(Command.CHANGE, at, before, with(before, before.current(), items), false));
    InvoiceDetails note = last();
    // charged 6,773.52 for 21 days, 11 of them left; 999.00 * 11/31
    assertThat(note.lines().get(0).amount().plus(note.lines().get(0).tax()))
        .isEqualTo(money("-3548.03"));
    assertThat(note.invoice().kind()).isEqualTo(DocumentKind.CREDIT_NOTE);
    assertThat(note.invoice().totals().total()).isEqualTo(money("-3193.55"));
  }

  @Test
  void bill_ofANegativeInvoicePaysTheNextOne() {
    Revision start = started();
    bill(start);
    payLast();
    Revision up = upgraded(start.after(), MARCH.plus(Duration.ofDays(10)));
    bill(up);
    payLast();
    Subscription before = up.after();
    Instant at = MARCH.plus(Duration.ofDays(20));
    bill(new Revision(Command.CANCEL, at, before, over(before, at), true));
    InvoiceDetails note = last();
    assertThat(note.invoice().kind()).isEqualTo(DocumentKind.CREDIT_NOTE);
    assertThat(note.invoice().status()).isEqualTo(InvoiceStatus.PAID);
    subscription = IDS.next("sub");
    bill(started());
    Invoice next = last().invoice();
    assertThat(next.settled().credited()).isEqualTo(money("1597.00"));
    assertThat(next.status()).isEqualTo(InvoiceStatus.PAID);
  }

  @Test
  void bill_ofACancellationBillsTheUsageSoFar() {
    Revision start = started();
    bill(start);
    used.put("calls", 100L);
    Instant at = MARCH.plus(Duration.ofDays(3));
    bill(new Revision(Command.CANCEL, at, start.after(), over(start.after(), at), false));
    assertThat(kinds(last())).containsExactly("USAGE api");
    assertThat(last().lines().get(0).period()).isEqualTo(new Period(MARCH, at));
  }

  @Test
  void bill_withGraceWaitsAsADraftForLateUsage() {
    Revision start = started();
    bill(start);
    used.put("calls", 100L);
    catalog = Gaudaan.withDraftHours(Gaudaan.catalog(true), 2);
    bill(renewed(start.after()));
    Invoice draft = last().invoice();
    assertThat(draft.status()).isEqualTo(InvoiceStatus.DRAFT);
    used.put("calls", 1500L);
    agenda(draft.issuedAt().plus(Duration.ofHours(1))).runDue();
    assertThat(last().invoice()).isEqualTo(draft);
    agenda(draft.issuedAt().plus(Duration.ofHours(2))).runDue();
    InvoiceDetails after = last();
    assertThat(after.invoice().status()).isEqualTo(InvoiceStatus.OPEN);
    assertThat(after.lines().get(2).quantity()).isEqualByComparingTo("1500");
    assertThat(all()).hasSize(2);
  }

  @Test
  void bill_takesUpChargesThatWait() {
    Revision start = started();
    bill(start);
    OneOff charge =
        new OneOff(
            IDS.next("one"),
            tenant,
            subscription,
            "data-export",
            "Data export",
            BigDecimal.TWO,
            new BigDecimal("199"),
            "standard",
            MARCH.plusSeconds(60));
    DB.db()
        .inTransaction(
            tx -> {
              OneOffStore.insert(tx, charge);
              return true;
            });
    Revision april = renewed(start.after());
    bill(april);
    assertThat(kinds(last())).contains("ONE_OFF data-export");
    bill(renewed(april.after()));
    assertThat(kinds(last())).doesNotContain("ONE_OFF data-export");
  }

  @Test
  void preview_writesNothing() {
    Revision start = started();
    List<InvoiceDetails> preview =
        DB.db().inTransaction(tx -> billing().preview(tx, List.of(start)));
    assertThat(preview).singleElement().satisfies(i -> assertThat(i.lines()).hasSize(2));
    assertThat(all()).isEmpty();
  }

  private Revision started() {
    Subscription sub =
        with(
            Gaudaan.subscription(List.of()),
            Gaudaan.march(),
            List.of(plan(IDS.next("itm"), "starter", MARCH, null), seat()));
    return new Revision(Command.START, MARCH, null, sub, false);
  }

  private static SubscriptionItem seat() {
    SubscriptionItem seat = seats(2);
    return new SubscriptionItem(
        IDS.next("itm"), seat.kind(), seat.key(), 2, seat.from(), null, null);
  }

  private Revision renewed(Subscription before) {
    return new Revision(
        Command.RENEW,
        before.current().end(),
        before,
        with(before, before.next(), before.items()),
        false);
  }

  private Revision upgraded(Subscription before, Instant at) {
    List<SubscriptionItem> items =
        List.of(
            before.items().get(0).endingAt(at),
            plan(IDS.next("itm"), "premium", at, null),
            before.items().get(1));
    return new Revision(Command.CHANGE, at, before, with(before, before.current(), items), false);
  }

  private Subscription over(Subscription before, Instant at) {
    List<SubscriptionItem> items =
        before.items().stream()
            .map(item -> item.until() == null ? item.endingAt(at) : item)
            .toList();
    return with(before, before.current(), items, new SubscriptionState.Cancelled(at));
  }

  private Subscription with(Subscription s, Period current, List<SubscriptionItem> items) {
    return with(s, current, items, new SubscriptionState.Active());
  }

  private Subscription with(
      Subscription s, Period current, List<SubscriptionItem> items, SubscriptionState state) {
    return new Subscription(
        subscription,
        tenant,
        s.catalog(),
        s.version(),
        s.product(),
        s.currency(),
        s.cycle(),
        s.recurrence(),
        current,
        state,
        null,
        items,
        List.of(),
        s.revision() + 1);
  }

  private Billing billing() {
    return billing(new Agenda(DB.db(), InstantSource.fixed(MARCH)));
  }

  private Billing billing(Agenda agenda) {
    Sources sources =
        new Sources(
            new Sources.CatalogVersions() {
              @Override
              public Catalog of(Transaction tx, String name, int version) {
                return catalog;
              }

              @Override
              public TaxRates newestTaxes(Transaction tx, String name) {
                return catalog.taxes();
              }
            },
            (tx, keys) -> {
              Map<RevisionKey, Revision> found = new HashMap<>();
              keys.forEach(
                  key -> found.put(key, steps.get(key.subscription() + "/" + key.revision())));
              return found;
            },
            (tx, tenants) -> customers(tenants),
            usages(),
            Discounts.NONE);
    return new Billing(sources, new Composition(new CatalogTax()), invoices, agenda, IDS);
  }

  private Agenda agenda(Instant now) {
    Agenda agenda = new Agenda(DB.db(), InstantSource.fixed(now));
    billing(agenda);
    return agenda;
  }

  private Usages usages() {
    return new Usages() {
      @Override
      public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
        Map<Span, Map<String, Long>> units = new HashMap<>();
        spans.forEach(span -> units.put(span, used));
        return units;
      }

      @Override
      public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
        return units(tx, spans);
      }
    };
  }

  private static Map<String, Customer> customers(Collection<String> tenants) {
    Map<String, Customer> customers = new HashMap<>();
    Customer c = Gaudaan.customer();
    tenants.forEach(
        id -> customers.put(id, new Customer(id, c.billedTo(), c.tax(), c.locale(), c.zone())));
    return customers;
  }

  private void bill(Revision revision) {
    steps.put(revision.id(), revision);
    DB.db()
        .inTransaction(
            tx -> {
              billing().bill(tx, List.of(revision));
              return true;
            });
  }

  private static List<String> kinds(InvoiceDetails invoice) {
    return invoice.lines().stream()
        .map(line -> line.charge().kind() + " " + line.charge().item())
        .toList();
  }

  private InvoiceDetails only() {
    assertThat(all()).hasSize(1);
    return last();
  }

  private InvoiceDetails last() {
    String id = all().getLast();
    return DB.db().inTransaction(tx -> invoices.details(tx, id).orElseThrow());
  }

  private void payLast() {
    Invoice open = last().invoice();
    Payment payment = new Payment(open.id(), open.amountDue(), "pay:" + open.id(), MARCH);
    DB.db().inTransaction(tx -> invoices.pay(tx, payment));
  }

  private List<String> all() {
    return DB.db()
        .inTransaction(
            tx ->
                tx.list(
                    "SELECT id FROM invoices WHERE tenant = $1 ORDER BY id",
                    row -> row.text("id"),
                    tenant));
  }
}
