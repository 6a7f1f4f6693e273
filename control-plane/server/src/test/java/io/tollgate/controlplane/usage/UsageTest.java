package io.tollgate.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.Period;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UsageTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
  private static final Period MARCH =
      new Period(Instant.parse("2026-03-01T00:00:00Z"), Instant.parse("2026-04-01T00:00:00Z"));
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Map<String, List<Instant>> starts = new ConcurrentHashMap<>();
  private final UsageSums sums = new UsageSums();
  private volatile Instant now = TEN.plusSeconds(600);
  private String tenant = "";
  private Usage usage;

  @BeforeEach
  void room() {
    tenant = "tenant-" + NUMBER.incrementAndGet();
    usage =
        new Usage(
            new TenantClocks(() -> now),
            (tx, ids) ->
                ids.stream().filter(id -> !id.equals("nobody")).collect(Collectors.toSet()),
            (tx, tenants, span) -> within(tenants, span));
  }

  private Map<String, List<Instant>> within(Collection<String> tenants, Period span) {
    return tenants.stream()
        .collect(
            Collectors.toMap(
                id -> id,
                id -> starts.getOrDefault(id, List.of()).stream().filter(span::contains).toList()));
  }

  @Test
  void keep_againLateAndOutOfOrder_countsTheGreatestOnce() {
    keep("a", total("calls", TEN, 5));
    keep("a", total("calls", TEN, 12));
    keep("a", total("calls", TEN, 12));
    keep("a", total("calls", TEN, 5));
    assertThat(units("calls", MARCH)).isEqualTo(12);
    keep("b", total("calls", TEN, 4), total("calls", TEN.plusSeconds(3600), 1));
    keep("a", total("pages", TEN, 3), total("pages", TEN, 2));
    assertThat(units("calls", MARCH)).isEqualTo(17);
    assertThat(units("pages", MARCH)).isEqualTo(3);
  }

  @Test
  void keep_unknownTenant_isNamedAndTheRestIsKept() {
    UsageTotal stray = new UsageTotal("nobody", "calls", TEN, 9);
    UsageReceipt receipt = keep("a", stray, total("calls", TEN, 1), total(" ", TEN, 1));
    assertThat(receipt.accepted()).isEqualTo(1);
    assertThat(receipt.refused()).hasSize(2);
    assertThat(receipt.refused().getFirst())
        .isEqualTo(new UsageReceipt.Refusal(stray, "there is no tenant 'nobody'"));
    assertThat(units("calls", MARCH)).isEqualTo(1);
  }

  @Test
  void keep_sameMessagesFromManyAtOnce_neverDoubles() throws Exception {
    List<UsageTotals> messages = new ArrayList<>();
    long expected = 0;
    for (int incarnation = 0; incarnation < 3; incarnation++) {
      for (int step = 1; step <= 10; step++) {
        List<UsageTotal> totals = new ArrayList<>();
        for (int meter = 0; meter < 20; meter++) {
          totals.add(total("m" + meter, TEN, (long) step * (meter + 1)));
        }
        Collections.shuffle(totals, new Random(step));
        messages.add(new UsageTotals(1, "proxy", "inc-" + tenant + incarnation, step, totals));
      }
      expected += 10 * 210;
    }
    List<Callable<UsageReceipt>> posts = new ArrayList<>();
    for (int copy = 0; copy < 4; copy++) {
      messages.forEach(message -> posts.add(() -> keep(message)));
    }
    Collections.shuffle(posts, new Random(7));
    all(posts);
    long sum = 0;
    for (int meter = 0; meter < 20; meter++) {
      sum += units("m" + meter, MARCH);
    }
    assertThat(sum).isEqualTo(expected);
  }

  @Test
  void keep_anyOrderWithDuplicates_givesTheSameSums() {
    for (int seed = 0; seed < 20; seed++) {
      room();
      Random random = new Random(seed);
      List<UsageTotals> messages = new ArrayList<>();
      long[] greatest = new long[4];
      for (int i = 0; i < 30; i++) {
        int counter = random.nextInt(4);
        long total = random.nextInt(1_000);
        greatest[counter] = Math.max(greatest[counter], total);
        messages.add(
            new UsageTotals(
                1,
                "proxy",
                "inc-" + tenant + counter / 2,
                i,
                List.of(total("calls", TEN.plusSeconds(3600L * (counter % 2)), total))));
        messages.add(messages.get(random.nextInt(messages.size())));
      }
      messages.forEach(this::keep);
      assertThat(units("calls", MARCH)).as("seed " + seed).isEqualTo(Arrays.stream(greatest).sum());
    }
  }

  @Test
  void keep_periodBeginsWithinTheHour_splitsItThere() {
    Instant start = TEN.plusSeconds(1053).plusNanos(123_456_000);
    starts.put(tenant, List.of(start));
    now = start.minusMillis(1);
    keep("a", total("calls", TEN, 3));
    now = start;
    keep("a", total("calls", TEN, 10));
    now = TEN.plusSeconds(7200);
    keep("a", total("calls", TEN, 11));
    Period before = new Period(MARCH.start(), start);
    Period after = new Period(start, MARCH.end());
    assertThat(units("calls", before)).isEqualTo(3);
    assertThat(units("calls", after)).isEqualTo(8);
  }

  @Test
  void keep_tenantOnATestClock_isBookedWhereTheClockStands() {
    Instant frozen = Instant.parse("2030-06-15T08:20:00Z");
    DB.db()
        .inTransaction(
            tx ->
                tx.execute(
                    "WITH clock AS (INSERT INTO test_clocks (id, name, now, created_at)"
                        + " VALUES ($1, 'test', $2, $2) RETURNING id)"
                        + " INSERT INTO tenant_clocks (tenant, clock) SELECT $3, id FROM clock",
                    "clk_" + tenant,
                    frozen,
                    tenant));
    starts.put(tenant, List.of(frozen));
    keep("a", total("calls", TEN, 6));
    assertThat(units("calls", MARCH)).isZero();
    assertThat(units("calls", new Period(frozen, frozen.plusSeconds(1)))).isEqualTo(6);
  }

  @Test
  void bill_thenLateUnits_fallIntoTheNextPeriod() {
    keep("a", total("calls", TEN, 3));
    assertThat(bill(MARCH)).isEqualTo(Map.of("calls", 3L));
    now = MARCH.end().plusSeconds(90);
    keep("a", total("calls", TEN, 5));
    record(new UsageEvent(tenant, "calls", 2, null, TEN));
    assertThat(units("calls", MARCH)).isEqualTo(3);
    Period april = new Period(MARCH.end(), Instant.parse("2026-05-01T00:00:00Z"));
    assertThat(units("calls", april)).isEqualTo(4);
  }

  @Test
  void bill_whileUnitsArrive_billsEachOnceAndOnlyOnce() throws Exception {
    AtomicLong counted = new AtomicLong();
    AtomicLong billed = new AtomicLong();
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int source = 0; source < 4; source++) {
      String name = "source-" + source;
      work.add(
          () -> {
            for (long total = 1; total <= 60; total++) {
              keep(name, total("calls", TEN, total));
            }
            return counted.addAndGet(60) > 0;
          });
    }
    work.add(
        () -> {
          for (int period = 0; period < 30; period++) {
            Instant start = TEN.plus(Duration.ofMinutes(period));
            now = start.plusSeconds(30);
            billed.addAndGet(
                bill(new Period(start, start.plusSeconds(60))).getOrDefault("calls", 0L));
          }
          return true;
        });
    all(work);
    Instant rest = TEN.plus(Duration.ofMinutes(30));
    billed.addAndGet(bill(new Period(rest, MARCH.end())).getOrDefault("calls", 0L));
    assertThat(billed).hasValue(counted.get());
  }

  @Test
  void record_sameIdAgain_answersTheSameAndAddsNothing() {
    UsageEvent event = new UsageEvent(tenant, "storage.files", 3, "evt-1", null);
    BookedEvent first = record(event).getFirst();
    now = now.plusSeconds(60);
    assertThat(record(event)).containsExactly(first);
    assertThat(units("storage.files", MARCH)).isEqualTo(3);
    assertThatThrownBy(() -> record(new UsageEvent(tenant, "storage.files", 4, "evt-1", null)))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("another content");
    record(new UsageEvent(tenant, "storage.files", -1, "evt-2", null));
    assertThat(units("storage.files", MARCH)).isEqualTo(2);
    long level = DB.db().inTransaction(tx -> sums.level(tx, tenant, "storage.files", MARCH.end()));
    assertThat(level).isEqualTo(2);
  }

  @Test
  void record_sameIdFromManyAtOnce_addsOnce() throws Exception {
    List<Callable<List<BookedEvent>>> posts = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      posts.add(() -> record(new UsageEvent(tenant, "calls", 5, "evt", null)));
    }
    Set<List<BookedEvent>> answers = Set.copyOf(all(posts));
    assertThat(answers).hasSize(1);
    assertThat(units("calls", MARCH)).isEqualTo(5);
  }

  @Test
  void record_oneOfManyConflicts_recordsNone() {
    record(new UsageEvent(tenant, "calls", 1, "x", null));
    assertThatThrownBy(
            () ->
                record(
                    new UsageEvent(tenant, "calls", 100, "y", null),
                    new UsageEvent(tenant, "calls", 2, "x", null)))
        .isInstanceOf(Problem.class);
    assertThat(units("calls", MARCH)).isEqualTo(1);
    record(new UsageEvent(tenant, "calls", 100, "y", null));
    assertThat(units("calls", MARCH)).isEqualTo(101);
  }

  @Test
  void record_atAnInstant_countsThere() {
    Instant boundary = MARCH.start();
    now = MARCH.start().plusSeconds(5);
    starts.put(tenant, List.of(boundary));
    record(
        new UsageEvent(tenant, "calls", 1, null, boundary.minusNanos(1_000)),
        new UsageEvent(tenant, "calls", 10, null, boundary));
    Period february = new Period(Instant.parse("2026-02-01T00:00:00Z"), MARCH.start());
    assertThat(units("calls", february)).isEqualTo(1);
    assertThat(units("calls", MARCH)).isEqualTo(10);
    assertThatThrownBy(() -> record(new UsageEvent(tenant, "calls", 1, null, now.plusSeconds(301))))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> record(new UsageEvent("nobody", "calls", 1, null, null)))
        .isInstanceOf(Problem.class);
  }

  @Test
  void units_manySpans_inOneQuery() {
    keep("a", total("calls", TEN, 3));
    Period empty = new Period(MARCH.end(), MARCH.end().plusSeconds(1));
    Map<Span, Map<String, Long>> all =
        DB.db()
            .inTransaction(
                tx ->
                    sums.units(
                        tx,
                        List.of(
                            new Span(tenant, MARCH),
                            new Span(tenant, empty),
                            new Span(tenant, MARCH),
                            new Span("nobody", MARCH))));
    assertThat(all).isEqualTo(Map.of(new Span(tenant, MARCH), Map.of("calls", 3L)));
  }

  private UsageTotal total(String meter, Instant hour, long total) {
    return new UsageTotal(tenant, meter, hour, total);
  }

  private UsageReceipt keep(String incarnation, UsageTotal... totals) {
    return keep(new UsageTotals(1, "proxy", tenant + incarnation, 1, List.of(totals)));
  }

  private UsageReceipt keep(UsageTotals message) {
    return DB.db().inTransaction(tx -> usage.keep(tx, message));
  }

  private List<BookedEvent> record(UsageEvent... events) {
    return DB.db().inTransaction(tx -> usage.record(tx, List.of(events)));
  }

  private Map<String, Long> bill(Period period) {
    Span span = new Span(tenant, period);
    return DB.db().inTransaction(tx -> sums.bill(tx, List.of(span)).getOrDefault(span, Map.of()));
  }

  private long units(String meter, Period period) {
    return DB.db().inTransaction(tx -> sums.units(tx, tenant, meter, period));
  }

  private static <T> List<T> all(List<Callable<T>> work) throws Exception {
    List<T> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> each : threads.invokeAll(work)) {
        answers.add(each.get());
      }
    }
    return answers;
  }
}
