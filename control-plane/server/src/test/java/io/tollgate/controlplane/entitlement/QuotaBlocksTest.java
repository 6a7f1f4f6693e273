package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QuotaBlocksTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant MARCH = Instant.parse("2026-02-28T18:30:00Z");
  private static final Instant TODAY = Instant.parse("2026-03-10T00:00:00Z");
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final DocumentStore documents = new DocumentStore();
  private long paidIn;
  private String tenant = "";
  private QuotaBlocks blocks;

  @BeforeEach
  void tenant() {
    tenant = "tenant-" + NUMBER.incrementAndGet();
    blocks = new QuotaBlocks(documents, InstantSource.fixed(TODAY), this::paidIn);
    amount(1000);
  }

  @Test
  void grant_manyClustersAtOnce_givesTheAmountAndNotOneMore() throws Exception {
    List<Callable<Long>> asks = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      String id = tenant + ":" + i;
      // 64 x 37 is more than twice the amount; every second request is sent twice at once.
      asks.add(() -> granted(request(id, 37, 0)).granted());
      if (i % 2 == 0) {
        asks.add(
            () -> {
              granted(request(id, 37, 0));
              return 0L;
            });
      }
    }
    long sum = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Long> answer : threads.invokeAll(asks)) {
        sum += answer.get();
      }
    }
    assertThat(sum).isEqualTo(1000);
    assertThat(granted(request(tenant + ":last", 1, 0)))
        .isEqualTo(new QuotaBlock(1, tenant + ":last", 0, 1000, 1000));
  }

  @Test
  void grant_askedAgain_answersTheSameBlock() {
    QuotaBlock first = granted(request("again", 400, 0));
    granted(request("between", 400, 0));
    assertThat(granted(request("again", 400, 0))).isEqualTo(first);
    assertThat(granted(request("after", 400, 0)).granted()).isEqualTo(200);
  }

  @Test
  void grant_idUsedForAnotherRequest_isAConflict() {
    granted(request("once", 400, 0));
    assertThat(grant(request("once", 401, 0))).isInstanceOf(QuotaBlocks.Answer.Conflict.class);
  }

  @Test
  void grant_returnedUnits_canBeGrantedAgain() {
    granted(request("r1", 1000, 0));
    assertThat(granted(request("r2", 100, 60)).granted()).isEqualTo(60);
    assertThat(granted(request("r3", 0, 5000)).outstanding()).isZero();
  }

  @Test
  void grant_quotaRaisedAndLowered_countsAtOnceAndKeepsWhatWasUsed() {
    granted(request("q1", 1000, 0));
    amount(5000);
    assertThat(granted(request("q2", 9999, 0)).granted()).isEqualTo(4000);
    amount(100);
    assertThat(granted(request("q3", 1, 0)))
        .isEqualTo(new QuotaBlock(1, "q3", 0, 5000, 100, TODAY));
  }

  @Test
  void grant_pastTheAmountInItsGrace_isToldWithEachBlockSince() {
    grace(1000, 7);
    assertThat(granted(request("g1", 1000, 0)).firstPassedAt()).isNull();
    assertThat(granted(request("g2", 10, 0)))
        .isEqualTo(new QuotaBlock(1, "g2", 10, 1010, 1000, TODAY));
    blocks =
        new QuotaBlocks(
            documents, InstantSource.fixed(TODAY.plus(Duration.ofDays(6))), this::paidIn);
    assertThat(granted(request("g3", 10, 0)))
        .isEqualTo(new QuotaBlock(1, "g3", 10, 1020, 1000, TODAY));
    assertThat(granted(request("g2", 10, 0)).firstPassedAt()).as("asked again").isEqualTo(TODAY);
    blocks =
        new QuotaBlocks(
            documents, InstantSource.fixed(TODAY.plus(Duration.ofDays(7))), this::paidIn);
    assertThat(granted(request("g4", 10, 0)))
        .isEqualTo(new QuotaBlock(1, "g4", 0, 1020, 1000, TODAY));
    grace(2000, 7);
    assertThat(granted(request("g5", 980, 0)).firstPassedAt()).as("raised").isNull();
  }

  @Test
  void grant_windowOfAnotherAnchor_givesNothing() {
    QuotaBlockRequest stale =
        new QuotaBlockRequest(
            1, "stale", "c", tenant, "calls-per-month", "", MARCH.plusSeconds(3600), 10, 0);
    assertThat(granted(stale).granted()).isZero();
  }

  @Test
  void grant_nextWindow_beginsAnew() {
    granted(request("w1", 1000, 0));
    Instant april = Instant.parse("2026-03-31T18:30:00Z");
    QuotaBlockRequest next =
        new QuotaBlockRequest(1, "w2", "c", tenant, "calls-per-month", "", april, 10, 0);
    assertThat(granted(next).granted()).isEqualTo(10);
  }

  @Test
  void grant_unitsPaidAhead_areTakenOnceByAllWindows() throws Exception {
    paidIn = 300;
    prepaid(1000, 300);
    List<Instant> starts = new ArrayList<>(List.of(MARCH));
    Recurrence rule = new Recurrence(MARCH, Recurrence.Unit.MONTH, 1, ZoneId.of("Asia/Kolkata"));
    for (int month = 1; month < 4; month++) {
      starts.add(rule.start(month));
    }
    List<Callable<Long>> asks = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Instant start = starts.get(i % 4);
      String id = tenant + ":p" + i;
      asks.add(
          () ->
              granted(
                      new QuotaBlockRequest(
                          1, id, "c", tenant, "calls-per-month", "", start, 101, 0))
                  .granted());
    }
    long sum = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Long> answer : threads.invokeAll(asks)) {
        sum += answer.get();
      }
    }
    assertThat(sum).as("four windows' amounts and what was paid ahead").isEqualTo(4 * 1000 + 300);
  }

  @Test
  void grant_unitsPaidAheadThatCameBack_areThereInTheNextWindow() {
    paidIn = 300;
    prepaid(1000, 300);
    Instant april = Instant.parse("2026-03-31T18:30:00Z");
    assertThat(granted(request("a1", 1200, 0)).granted()).isEqualTo(1200);
    assertThat(granted(april("a2", 2000)).granted()).isEqualTo(1100);
    long elsewhere =
        DB.db()
            .inTransaction(tx -> PrepaidStore.takenElsewhere(tx, tenant, "calls-per-month", april));
    assertThat(elsewhere).isEqualTo(200);
    assertThat(granted(request("a3", 0, 150)).outstanding()).isEqualTo(1050);
    assertThat(granted(april("a4", 2000)).granted()).isEqualTo(150);
    assertThat(granted(request("a5", 10, 0)).granted()).isZero();
  }

  private QuotaBlockRequest april(String id, long units) {
    Instant april = Instant.parse("2026-03-31T18:30:00Z");
    return new QuotaBlockRequest(1, id, "c", tenant, "calls-per-month", "", april, units, 0);
  }

  @Test
  void grant_windowLongOver_givesNothingAndIsForgotten() {
    Instant december = Instant.parse("2025-11-30T18:30:00Z");
    QuotaBlockRequest late =
        new QuotaBlockRequest(1, "l1", "c", tenant, "calls-per-month", "", december, 10, 0);
    assertThat(granted(late).granted()).isZero();
    Instant february = Instant.parse("2026-01-31T18:30:00Z");
    granted(new QuotaBlockRequest(1, "l2", "c", tenant, "calls-per-month", "", february, 10, 0));
    granted(request("l3", 10, 0));
    List<Instant> known =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT window_start FROM quota_windows WHERE tenant = $1"
                            + " ORDER BY window_start",
                        row -> row.instant("window_start"),
                        tenant));
    assertThat(known).containsExactly(february, MARCH);
  }

  @Test
  void grant_unknownQuotaOrTenant_isUnknown() {
    assertThat(grant(new QuotaBlockRequest(1, "u1", "c", tenant, "nope", "", null, 1, 0)))
        .isInstanceOf(QuotaBlocks.Answer.Unknown.class);
    assertThat(grant(new QuotaBlockRequest(1, "u2", "c", "nobody", "x", "", null, 1, 0)))
        .isInstanceOf(QuotaBlocks.Answer.Unknown.class);
  }

  private QuotaBlocks.Answer grant(QuotaBlockRequest request) {
    return DB.db().inTransaction(tx -> blocks.grant(tx, request));
  }

  private QuotaBlock granted(QuotaBlockRequest request) {
    return ((QuotaBlocks.Answer.Granted) grant(request)).block();
  }

  private QuotaBlockRequest request(String id, long units, long returned) {
    return new QuotaBlockRequest(1, id, "c", tenant, "calls-per-month", "", MARCH, units, returned);
  }

  private void amount(long amount) {
    grace(amount, 0);
  }

  private long paidIn(Transaction tx, String of, String meter) {
    return paidIn;
  }

  private void grace(long amount, int days) {
    store(amount, days, List.of());
  }

  private void prepaid(long own, long units) {
    LimitOrigin.Step step =
        new LimitOrigin.Step(
            "wallet:calls", LimitOrigin.Effect.ADD, units, own + units, null, null);
    store(own + units, 0, List.of(new LimitOrigin("calls-per-month", List.of(step))));
  }

  private void store(long amount, int days, List<LimitOrigin> origins) {
    QuotaLimit quota =
        new QuotaLimit(
            "calls-per-month",
            "calls",
            Scope.TENANT,
            amount,
            new Recurrence(MARCH, Recurrence.Unit.MONTH, 1, ZoneId.of("Asia/Kolkata")),
            new OverLimit(OverLimit.Behavior.DENY, 0, days, List.of()),
            false,
            "plan:standard");
    DB.db()
        .inTransaction(
            tx -> {
              var stored = documents.lock(tx, List.of(tenant)).get(tenant);
              documents.write(tx, List.of(document(stored, quota, origins)));
              return true;
            });
  }

  private Entitlements document(
      DocumentStore.@Nullable Stored stored, QuotaLimit quota, List<LimitOrigin> origins) {
    return new Entitlements(
        1,
        tenant,
        stored == null ? 1 : stored.version() + 1,
        MARCH,
        "standard",
        "gaudaan@1",
        new Standing(BillingState.ACTIVE, Access.FULL, "nothing is overdue"),
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(quota),
        List.of(),
        null,
        origins);
  }
}
