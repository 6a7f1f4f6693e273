package io.tollgate.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Period;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.usage.UsageSums.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What is forgotten is neither booked again nor missed by a bill. In a database of its own, as up
 * to when is one for all.
 */
class RetentionTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
  private static final Period MARCH =
      new Period(Instant.parse("2026-03-01T00:00:00Z"), Instant.parse("2026-04-01T00:00:00Z"));

  private final UsageSums sums = new UsageSums();
  private final String tenant = "acme";
  private volatile Instant now = TEN.plusSeconds(600);
  private final Usage usage =
      new Usage(
          new TenantClocks(() -> now),
          (tx, ids) -> Set.copyOf(ids),
          (tx, tenants, span) -> Map.of());

  @Test
  void keep_totalWhoseRowIsForgotten_isRefusedAndNeverBookedAgain() {
    List<UsageTotal> late = new ArrayList<>();
    Retention retention = new Retention(Duration.ofDays(2), Duration.ofDays(31));
    usage.takeTotalsFor(retention.totals(), (tx, message, totals) -> late.addAll(totals));
    keep(total(TEN, 5), total(TEN.plus(Duration.ofHours(30)), 7));
    // Sent again while its hour is taken, it changes nothing; afterwards it is refused.
    now = TEN.plus(Duration.ofDays(2));
    assertThat(keep(total(TEN, 5)).accepted()).isEqualTo(1);
    now = now.plusSeconds(1);
    UsageReceipt refused = keep(total(TEN, 9));
    assertThat(refused.accepted()).isZero();
    assertThat(refused.refused().getFirst().reason())
        .contains("too late")
        .contains("2026-03-01T10");
    assertThat(late).containsExactly(total(TEN, 9));
    forget(retention);
    assertThat(rows()).as("a row is kept for a day after its hour is refused").isEqualTo(2);
    now = now.plus(Duration.ofDays(1));
    forget(retention);
    assertThat(rows()).isEqualTo(1);
    // A longer retention from now on does not open what is forgotten.
    usage.takeTotalsFor(Duration.ofDays(90), (tx, message, totals) -> late.addAll(totals));
    keep(total(TEN, 9), total(TEN.plus(Duration.ofHours(30)), 8));
    assertThat(late).hasSize(2);
    assertThat(units()).isEqualTo(13);
  }

  @Test
  void forgetTransactions_ofAPeriodThatMayYetBeBilled_keepsThem() {
    Retention retention = new Retention(Duration.ofDays(2), Duration.ofDays(31));
    usage.keepTransactions((tx, meter) -> true);
    String open = tenant + "-open";
    Instant later = TEN.plus(Duration.ofDays(40));
    for (String of : List.of(tenant, open)) {
      record(new UsageEvent(of, "paid", 3, null, TEN));
      now = later;
      record(new UsageEvent(of, "paid", 4, null, later));
      now = TEN.plusSeconds(600);
    }
    Pruning pruning =
        new Pruning(retention, (tx, tenants, at) -> Map.of(open, TEN.minusSeconds(1)));
    DB.db()
        .inTransaction(
            tx -> {
              pruning.forgetTransactions(tx, TEN.plus(Duration.ofDays(60)));
              return true;
            });
    Period year = new Period(MARCH.start(), MARCH.start().plus(Duration.ofDays(365)));
    Map<UsageSums.Told, List<Long>> left =
        DB.db()
            .inTransaction(
                tx ->
                    sums.transactions(
                        tx,
                        List.of(
                            new UsageSums.Told(new Span(tenant, year), "paid"),
                            new UsageSums.Told(new Span(open, year), "paid"))));
    assertThat(left.get(new UsageSums.Told(new Span(tenant, year), "paid"))).containsExactly(4L);
    assertThat(left.get(new UsageSums.Told(new Span(open, year), "paid"))).containsExactly(3L, 4L);
  }

  private void forget(Retention retention) {
    Pruning pruning = new Pruning(retention, (tx, tenants, at) -> Map.of());
    DB.db()
        .inTransaction(
            tx -> {
              while (pruning.forgetTotals(tx, now, 1)) {
                // One row at a time.
              }
              return true;
            });
  }

  private long rows() {
    return DB.db()
        .inTransaction(
            tx ->
                tx.one(
                    "SELECT count(*) AS n FROM usage_totals WHERE tenant = $1",
                    row -> row.whole("n"),
                    tenant));
  }

  private static UsageTotal total(Instant hour, long total) {
    return new UsageTotal("acme", "calls", hour, total);
  }

  private UsageReceipt keep(UsageTotal... totals) {
    UsageTotals message = new UsageTotals(1, "proxy", "one", 1, List.of(totals));
    return DB.db().inTransaction(tx -> usage.keep(tx, message));
  }

  private void record(UsageEvent event) {
    DB.db().inTransaction(tx -> usage.record(tx, List.of(event)));
  }

  private long units() {
    return DB.db().inTransaction(tx -> sums.units(tx, tenant, "calls", MARCH));
  }
}
