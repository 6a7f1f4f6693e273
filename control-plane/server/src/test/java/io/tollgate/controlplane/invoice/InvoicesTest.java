package io.tollgate.controlplane.invoice;

import static io.tollgate.controlplane.invoice.SampleInvoice.money;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.vertx.pgclient.PgException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InvoicesTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant NOW = Instant.parse("2025-03-08T00:00:00Z");

  private static final Ids IDS = new Ids(InstantSource.fixed(NOW), new Random(1));
  private final Invoices invoices = new Invoices(IDS);
  private final List<String> heard = new ArrayList<>();
  private String tenant = "";

  @BeforeEach
  void listen() {
    tenant = IDS.next("tenant");
    invoices.listen(
        new InvoiceListener() {
          @Override
          public void finalized(Transaction tx, List<Invoice> finals) {
            finals.forEach(invoice -> heard.add("final " + invoice.status()));
          }

          @Override
          public void paid(Transaction tx, Invoice invoice) {
            heard.add("paid");
          }

          @Override
          public void voided(Transaction tx, Invoice invoice) {
            heard.add("void");
          }
        });
  }

  @Test
  void details_readsBackWhatWasAdded() {
    Draft draft = draft("one");
    InvoiceDetails read =
        DB.db()
            .inTransaction(
                tx -> {
                  invoices.add(tx, List.of(draft));
                  return invoices.details(tx, draft.details().invoice().id()).orElseThrow();
                });
    assertThat(read).usingRecursiveComparison().isEqualTo(draft.details());
  }

  @Test
  void add_refusesWhatIsBilledAlready() {
    add(draft("twice"));
    assertThatThrownBy(() -> add(draft("twice"))).isInstanceOf(ConflictException.class);
    assertThat(all()).hasSize(1);
  }

  @Test
  void makeFinal_numbersWithoutGapUnderConcurrency() throws Exception {
    List<List<String>> chunks = new ArrayList<>();
    for (int chunk = 0; chunk < 8; chunk++) {
      List<String> drafts = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        drafts.add(add(draft("c" + chunk + i, "numbers/INV-2025")));
      }
      chunks.add(drafts);
    }
    List<Long> before = ordinals("numbers/INV-2025");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> runs = new ArrayList<>();
      for (List<String> chunk : chunks) {
        runs.add(threads.submit(() -> inTx(tx -> invoices.makeFinal(tx, chunk))));
        runs.add(threads.submit(() -> inTx(tx -> fail(invoices.makeFinal(tx, chunk)))));
      }
      for (Future<?> run : runs) {
        try {
          run.get();
        } catch (ExecutionException e) {
          assertThat(e).hasRootCauseMessage("as if killed");
        }
      }
    }
    assertThat(before).isEmpty();
    assertThat(ordinals("numbers/INV-2025"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 40).boxed().toList());
  }

  @Test
  void addFinalNumberedLast_holdsTheSeriesForTheCommitOnly() {
    String series = "last/INV-2025";
    Draft first = draft("l1", series);
    Draft second = draft("l2", series);
    inTx(
        outer -> {
          invoices.addFinalNumberedLast(outer, List.of(first));
          // The other one is stored and committed while this one is still on its way.
          inTx(tx -> addLast(tx, second));
          return true;
        });
    assertThat(number(second)).isEqualTo("INV-2025-0001");
    assertThat(number(first)).isEqualTo("INV-2025-0002");
    assertThat(heard).containsExactly("final OPEN", "final OPEN");
  }

  @Test
  void addFinalNumberedLast_leavesNoGapWhereATransactionFails() {
    String series = "gapless/INV-2025";
    assertThatThrownBy(
            () ->
                inTx(
                    tx -> {
                      addLast(tx, draft("g1", series));
                      return fail(List.of());
                    }))
        .hasMessage("as if killed");
    Draft next = draft("g2", series);
    inTx(tx -> addLast(tx, next));
    assertThat(number(next)).isEqualTo("INV-2025-0001");
  }

  @Test
  void finalInvoice_isNeverCommittedWithoutItsNumber() {
    String id = add(draft("numberless"));
    assertThatThrownBy(
            () -> inTx(tx -> tx.execute("UPDATE invoices SET status = 'OPEN' WHERE id = $1", id)))
        .isInstanceOf(PgException.class)
        .hasMessageContaining("has no number");
    assertThat(find(id).status()).isEqualTo(InvoiceStatus.DRAFT);
  }

  @Test
  void finalInvoice_cannotBeChangedByAnyStatement() {
    String id = addFinal("fixed");
    for (String sql :
        List.of(
            "UPDATE invoices SET total = total + 1, tax = tax + 1 WHERE id = $1",
            "UPDATE invoices SET number = 'INV-X' WHERE id = $1",
            "UPDATE invoices SET status = 'DRAFT', ordinal = NULL, number = NULL WHERE id = $1",
            "DELETE FROM invoices WHERE id = $1",
            "UPDATE invoice_lines SET amount = 1 WHERE invoice = $1",
            "DELETE FROM invoice_lines WHERE invoice = $1",
            "INSERT INTO invoice_lines SELECT invoice, tenant, 9, kind, item, meter, subscription,"
                + " source, description, detail, period_start, period_end, quantity, unit_price,"
                + " amount, tax, taxes FROM invoice_lines WHERE invoice = $1")) {
      assertThatThrownBy(() -> inTx(tx -> tx.execute(sql, id)))
          .as(sql)
          .isInstanceOf(PgException.class)
          .hasMessageContaining("final");
    }
  }

  @Test
  void pay_inPartsSettlesAndCountsEachReferenceOnce() {
    String id = addFinal("parts");
    assertThat(pay(id, "4000.00", "p1").amountDue()).isEqualTo(money("5999.00"));
    assertThat(pay(id, "4000.00", "p1").amountDue()).isEqualTo(money("5999.00"));
    assertThat(heard).containsExactly("final OPEN");
    assertThat(pay(id, "5999.00", "p2").status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(heard).containsExactly("final OPEN", "paid");
  }

  @Test
  void pay_tooMuchPaysTheNextInvoice() {
    String id = addFinal("much");
    assertThat(pay(id, "19000.00", "p-much").status()).isEqualTo(InvoiceStatus.PAID);
    String next = addFinal("next");
    Invoice invoice = find(next);
    assertThat(invoice.settled().credited()).isEqualTo(money("9001.00"));
    assertThat(invoice.amountDue()).isEqualTo(money("998.00"));
    assertThat(find(addFinal("after")).amountDue()).isEqualTo(money("9999.00"));
  }

  @Test
  void credit_lowersWhatIsDueThenTheBalance() {
    String id = addFinal("credit");
    pay(id, "9000.00", "p-credit");
    Invoice note = inTx(tx -> invoices.credit(tx, id, money("1999.00"), because("goodwill")));
    assertThat(note.kind()).isEqualTo(DocumentKind.CREDIT_NOTE);
    assertThat(note.number()).startsWith("CN-2025-");
    assertThat(note.totals().total()).isEqualTo(money("-1999.00"));
    assertThat(find(id).status()).isEqualTo(InvoiceStatus.PAID);
    inTx(
        tx -> {
          invoices.refund(tx, tenant, money("1000.00"), "r1", NOW);
          invoices.refund(tx, tenant, money("1000.00"), "r1", NOW);
          return true;
        });
    assertThatThrownBy(
            () ->
                inTx(
                    tx -> {
                      invoices.refund(tx, tenant, money("0.01"), "r2", NOW);
                      return true;
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("balance");
  }

  @Test
  void credit_ofMoneyPaysWhatIsOpenOldestFirst() {
    String paid = addFinal("paid");
    pay(paid, "9999.00", "p-paid");
    String first = addFinal("first");
    String second = addFinal("second");
    heard.clear();
    inTx(tx -> invoices.credit(tx, paid, money("9999.00"), because("all of it")));
    assertThat(find(first).status()).isEqualTo(InvoiceStatus.PAID);
    assertThat(find(second).amountDue()).isEqualTo(money("9999.00"));
    assertThat(heard).containsExactly("final PAID", "paid");
    assertThat(balance()).isEqualTo(money("0.00"));
    pay(second, "9999.00", "p-second");
    inTx(tx -> invoices.credit(tx, second, money("1.00"), because("a bit")));
    assertThat(balance()).isEqualTo(money("1.00"));
  }

  @Test
  void credit_thatIsToBeRefunded_staysOnTheBalance() {
    String paid = addFinal("refunded");
    pay(paid, "9999.00", "p-refunded");
    String open = addFinal("beside");
    CreditNote.Occasion refund = new CreditNote.Occasion("wrong", NOW, true);
    inTx(tx -> invoices.credit(tx, paid, money("500.00"), refund));
    assertThat(balance()).isEqualTo(money("500.00"));
    assertThat(find(open).amountDue()).isEqualTo(money("9999.00"));
  }

  @Test
  void makeVoid_paysWhatIsOpenWithTheBalanceThatHadPaid() {
    pay(addFinal("much"), "19998.00", "p-much");
    String covered = addFinal("half");
    assertThat(find(covered).status()).isEqualTo(InvoiceStatus.PAID);
    pay(addFinal("one"), "14999.00", "p-one");
    String partly = addFinal("partly");
    assertThat(find(partly).amountDue()).isEqualTo(money("4999.00"));
    String open = addFinal("open");
    inTx(tx -> invoices.makeVoid(tx, partly, "a mistake", NOW));
    assertThat(find(open).amountDue()).isEqualTo(money("4999.00"));
    assertThat(balance()).isEqualTo(money("0.00"));
  }

  @Test
  void creditsAndPayments_ofOneTenantAtOnce_loseNothing() throws Exception {
    List<String> paid = new ArrayList<>();
    List<String> open = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      paid.add(addFinal("was" + i));
      pay(paid.getLast(), "9999.00", "p-was" + i);
    }
    for (int i = 0; i < 4; i++) {
      open.add(addFinal("is" + i));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String credited = paid.get(i);
        String payable = open.get(3 - i);
        String reference = "p-is" + i;
        all.add(
            threads.submit(
                () ->
                    inTx(tx -> invoices.credit(tx, credited, money("5000.00"), because("half")))));
        all.add(threads.submit(() -> pay(payable, "9999.00", reference)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(open).allMatch(id -> find(id).status() == InvoiceStatus.PAID);
    assertThat(balance()).isEqualTo(money("20000.00"));
  }

  @Test
  void credit_refusesMoreThanTheInvoice() {
    String id = addFinal("more");
    inTx(tx -> invoices.credit(tx, id, money("9000.00"), because("first")));
    assertThatThrownBy(
            () -> inTx(tx -> invoices.credit(tx, id, money("999.01"), because("second"))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(find(id).amountDue()).isEqualTo(money("999.00"));
  }

  @Test
  void makeVoid_keepsTheNumberAndFreesTheClaim() {
    String id = addFinal("void");
    String number = find(id).number();
    Invoice gone = inTx(tx -> invoices.makeVoid(tx, id, "wrong address", NOW));
    assertThat(gone.status()).isEqualTo(InvoiceStatus.VOID);
    assertThat(gone.number()).isEqualTo(number);
    assertThat(gone.amountDue()).isEqualTo(money("0.00"));
    assertThat(find(addFinal("void")).number()).isNotEqualTo(number);
    assertThatThrownBy(() -> pay(addDraft(), "1.00", "p-draft"))
        .isInstanceOf(InvoiceStateException.class)
        .hasMessageContaining("DRAFT");
  }

  @Test
  void rows_areHiddenFromOtherTenants() {
    String id = addFinal("rls");
    Optional<Invoice> theirs = DB.db().inTransaction("else", tx -> invoices.find(tx, id));
    Optional<Invoice> ours = DB.db().inTransaction(tenant, tx -> invoices.find(tx, id));
    assertThat(theirs).isEmpty();
    assertThat(ours).isPresent();
  }

  private Draft draft(String claim) {
    return draft(claim, "gaudaan/INV-2025");
  }

  private Draft draft(String claim, String series) {
    InvoiceDetails sample =
        SampleInvoice.of(
            IDS.next("inv"), tenant, InvoiceStatus.DRAFT, Locale.forLanguageTag("en-IN"));
    return new Draft(
        sample, series, List.of(new Draft.Claim(tenant + claim, "ADVANCE", NOW, 1)), NOW);
  }

  private boolean addLast(Transaction tx, Draft draft) {
    invoices.addFinalNumberedLast(tx, List.of(draft));
    return true;
  }

  private @Nullable String number(Draft draft) {
    return find(draft.details().invoice().id()).number();
  }

  private String addDraft() {
    return add(draft(IDS.next("claim")));
  }

  private String add(Draft draft) {
    inTx(
        tx -> {
          invoices.add(tx, List.of(draft));
          return true;
        });
    return draft.details().invoice().id();
  }

  private String addFinal(String claim) {
    String id = add(draft(claim));
    inTx(tx -> invoices.makeFinal(tx, List.of(id)));
    return id;
  }

  private Invoice pay(String id, String amount, String reference) {
    return inTx(tx -> invoices.pay(tx, new Payment(id, money(amount), tenant + reference, NOW)));
  }

  private static CreditNote.Occasion because(String reason) {
    return new CreditNote.Occasion(reason, NOW);
  }

  private Money balance() {
    return inTx(tx -> invoices.balance(tx, tenant, money("0.00").getCurrencyUnit()));
  }

  private Invoice find(String id) {
    return inTx(tx -> invoices.find(tx, id)).orElseThrow();
  }

  private List<String> all() {
    return inTx(
        tx -> tx.list("SELECT id FROM invoices WHERE tenant = $1", row -> row.text("id"), tenant));
  }

  private static List<Long> ordinals(String series) {
    return inTx(
        tx ->
            tx.list(
                "SELECT ordinal FROM invoices WHERE series = $1 AND ordinal IS NOT NULL"
                    + " ORDER BY ordinal",
                row -> row.whole("ordinal"),
                series));
  }

  private static <T> T inTx(Function<Transaction, T> work) {
    return DB.db().inTransaction(Database.EVERY_TENANT, work);
  }

  private static Money fail(List<Invoice> ignored) {
    throw new IllegalStateException("as if killed");
  }
}
