package io.tollgate.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Counters counters = new Counters(2, 3, "overflow");
  private final Ledger ledger = new Ledger(counters, List.of("ai", "pdf"), 4);

  @Test
  void book_inTwoHours_keepsATotalForEach() {
    counters.of("a").count(0);
    counters.of("a").count(0);
    assertThat(ledger.book(10)).extracting(total -> total.units).containsExactly(2L);
    counters.of("a").count(0);
    assertThat(ledger.book(11))
        .extracting(total -> total.hour + ":" + total.units)
        .containsExactly("11:1");
    assertThat(ledger.book(12)).isEmpty();
  }

  @Test
  void book_afterTheClockWasSetBack_staysInTheLaterHour() {
    counters.of("a").count(0);
    ledger.book(10);
    counters.of("a").count(0);
    assertThat(ledger.book(9))
        .extracting(total -> total.hour + ":" + total.units)
        .containsExactly("10:2");
  }

  @Test
  void acknowledge_ofAnOldValue_leavesTheRiseOutstanding() {
    counters.of("a").count(1);
    Total total = ledger.book(10).get(0);
    counters.of("a").count(1);
    ledger.book(10);
    ledger.acknowledge(total, 1);
    assertThat(ledger.outstanding(9)).containsExactly(total);
    assertThat(ledger.undelivered()).isEqualTo(1);
    ledger.acknowledge(total, 2);
    assertThat(ledger.outstanding(9)).isEmpty();
    counters.of("a").count(1);
    assertThat(ledger.book(10)).extracting(again -> again.units).containsExactly(3L);
  }

  @Test
  void book_beyondTheBound_leavesCallsInTheirCounterUntilThereIsRoom() {
    for (int hour = 0; hour < 4; hour++) {
      counters.of("a").count(0);
      ledger.book(hour);
    }
    counters.of("a").count(0);
    counters.of("a").count(0);
    assertThat(ledger.book(4)).isEmpty();
    assertThat(ledger.outstandingCount()).isEqualTo(4);
    Total oldest = ledger.outstanding(1).get(0);
    ledger.acknowledge(oldest, oldest.units);
    assertThat(ledger.book(7))
        .extracting(total -> total.hour + ":" + total.units)
        .containsExactly("7:2");
  }

  @Test
  void of_moreTenantsThanMay_countsTheRestTogether() {
    for (int tenant = 0; tenant < 5; tenant++) {
      counters.of("tenant-" + tenant).count(0);
    }
    assertThat(ledger.book(1))
        .extracting(total -> total.tenant + ":" + total.units)
        .containsExactlyInAnyOrder("tenant-0:1", "tenant-1:1", "tenant-2:1", "overflow:2");
  }

  @Test
  void of_aNameThatIsNoTenants_isNobodys() {
    counters.of("x".repeat(201)).count(0);
    counters.of("").count(0);
    assertThat(counters.nobody().sum(0)).isEqualTo(2);
    assertThat(ledger.book(1)).isEmpty();
  }

  /**
   * Whatever is counted, booked and acknowledged when: acknowledged plus undelivered is counted.
   */
  @Property
  void book_andAcknowledge_inAnyOrder_loseAndDoubleNothing(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 9) Integer> steps) {
    Counters all = new Counters(1, 2, "overflow");
    Ledger books = new Ledger(all, List.of("ai"), 3);
    Map<Total, Long> acknowledged = new HashMap<>();
    long counted = 0;
    long hour = 0;
    for (int step : steps) {
      if (step < 5) {
        all.of("tenant-" + step).count(0);
        counted++;
      } else if (step < 7) {
        books.book(hour);
      } else if (step == 7) {
        hour++;
      } else {
        for (Total total : books.outstanding(1)) {
          acknowledged.put(total, total.units);
          books.acknowledge(total, total.units);
        }
      }
    }
    // Room appears as totals are acknowledged, so all is delivered in the end.
    for (books.book(hour); books.outstandingCount() > 0; books.book(hour)) {
      Total total = books.outstanding(1).get(0);
      acknowledged.put(total, total.units);
      books.acknowledge(total, total.units);
    }
    assertThat(acknowledged.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(counted);
  }
}
