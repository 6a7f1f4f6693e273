package io.tollgate.proxy.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Instant START = Instant.parse("2026-03-01T10:30:00Z");

  @TempDir Path temporary;

  private Instant now = START;
  private final List<Path> made = new ArrayList<>();

  @AfterTry
  void removeMade() throws IOException {
    for (Path directory : made) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    made.clear();
  }

  @Test
  void add_overHours_keepsATotalForEach() throws Exception {
    try (Journal journal = open(temporary)) {
      journal.add("acme", "calls", 2);
      journal.add("acme", "pages", 5);
      now = START.plus(Duration.ofHours(1));
      journal.add("acme", "calls", 3);
      journal.add("acme", "calls", 4);
      assertThat(totals(journal))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("acme calls 10", 2L, "acme pages 10", 5L, "acme calls 11", 7L));
    }
  }

  @Test
  void add_clockGoesBack_countsInTheLatestHour() throws Exception {
    try (Journal journal = open(temporary)) {
      now = START.plus(Duration.ofHours(2));
      journal.add("acme", "calls", 1);
      now = START;
      journal.add("acme", "calls", 1);
      assertThat(totals(journal)).isEqualTo(Map.of("acme calls 12", 2L));
    }
  }

  @Test
  void add_impossibleUnits_areDroppedAndCounted() throws Exception {
    try (Journal journal = open(temporary)) {
      journal.add("acme", "calls", -1);
      journal.add("acme", "calls", 0);
      journal.add("acme", "calls", Long.MAX_VALUE);
      assertThat(totals(journal)).isEmpty();
      assertThat(journal.invalid()).isEqualTo(2);
    }
  }

  @Test
  void add_textsTooLongForARecord_areCountedAllTheSame() throws Exception {
    try (Journal journal = open(temporary)) {
      journal.add("t".repeat(200), "m".repeat(200), 3);
      assertThat(journal.waiting().units()).isEqualTo(3);
      assertThat(journal.waiting().volatileSlots()).isEqualTo(1);
    }
  }

  @Test
  void open_secondTime_isRefusedWhileTheFirstIsOpen() throws Exception {
    try (Journal journal = open(temporary)) {
      assertThatThrownBy(() -> open(temporary))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
      journal.add("acme", "calls", 1);
    }
    open(temporary).close();
  }

  @Test
  void open_afterClose_takesOverWhatIsUnacknowledged() throws Exception {
    String first;
    try (Journal journal = open(temporary)) {
      first = journal.incarnation();
      for (int i = 0; i < 100; i++) {
        journal.add("tenant-" + i, "calls", i + 1);
      }
      for (Slot slot : journal.backlog().takeAll()) {
        if (slot.total() <= 50) {
          slot.acknowledge(slot.total());
        }
      }
    }
    try (Journal journal = open(temporary)) {
      assertThat(journal.waiting().totals()).isEqualTo(50);
      for (Slot slot : journal.backlog().takeAll()) {
        assertThat(slot.source().incarnation()).isEqualTo(first);
        assertThat(slot.key().tenant()).isEqualTo("tenant-" + (slot.total() - 1));
        assertThat(slot.total()).isGreaterThan(50);
      }
    }
  }

  @Test
  void open_damagedRecord_losesThatOneOnly() throws Exception {
    try (Journal journal = open(temporary)) {
      for (int i = 0; i < 10; i++) {
        journal.add("tenant-" + i, "calls", 1);
      }
    }
    Path file = files().getFirst();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // The text of the fourth record: head, source, two counters stand before it.
      channel.write(java.nio.ByteBuffer.wrap(new byte[] {7}), 4 * Segment.RECORD + 44);
    }
    try (Journal journal = open(temporary)) {
      assertThat(journal.waiting().totals()).isEqualTo(9);
    }
  }

  @Test
  void open_notAJournalFile_isSetAside() throws Exception {
    Files.write(temporary.resolve("0000000000000001.journal"), new byte[4096]);
    try (Journal journal = open(temporary)) {
      journal.add("acme", "calls", 1);
      assertThat(journal.waiting().totals()).isEqualTo(1);
    }
    assertThat(temporary.resolve("0000000000000001.journal.damaged")).exists();
  }

  @Test
  void compact_acknowledgedHours_freesFilesAndLosesNoLateUnit() throws Exception {
    Ledger ledger = Ledger.open(temporary, 4096);
    Source self = new Source("self", "1", 0);
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Slot slot = ledger.slot(new SlotKey(self, "tenant-" + i, "calls", 10));
      slot.add(5);
      slots.add(slot);
    }
    assertThat(files()).hasSizeGreaterThan(5);
    ledger.compact(11);
    assertThat(files()).hasSizeGreaterThan(5);
    slots.forEach(slot -> slot.acknowledge(5));
    slots.getFirst().add(1);
    ledger.compact(11);
    assertThat(files()).hasSize(2);
    assertThat(slots.getFirst().add(1)).isTrue();
    assertThat(slots.getLast().add(1)).isFalse();
    assertThat(ledger.waiting().units()).isEqualTo(2);
    ledger.close();
  }

  @Test
  void add_manyThreadsWhileShipping_losesNothing() throws Exception {
    try (Journal journal = open(temporary)) {
      AtomicBoolean done = new AtomicBoolean();
      Map<String, Long> shipped = new HashMap<>();
      Thread shipper =
          Thread.ofPlatform()
              .start(
                  () -> {
                    boolean last;
                    do {
                      last = done.get();
                      ship(journal, shipped);
                    } while (!last);
                  });
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < 200_000; i++) {
                        journal.add("tenant-" + i % 3, "calls", 1);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      done.set(true);
      shipper.join();
      assertThat(shipped.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(800_000);
      assertThat(journal.waiting().units()).isZero();
    }
  }

  @Property(tries = 60)
  void relay_anyOrderAndDuplicates_keepsTheGreatest(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 1_000) Integer> values,
      @ForAll Random random)
      throws Exception {
    Path directory = Files.createTempDirectory("journal");
    made.add(directory);
    List<UsageTotals> messages = new ArrayList<>();
    Map<String, Long> greatest = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      String tenant = "t" + values.get(i) % 3;
      Instant hour = Instant.parse("2026-03-01T10:00:00Z").plusSeconds(3600L * (i % 2));
      UsageTotal total = new UsageTotal(tenant, "reports", hour, values.get(i));
      messages.add(new UsageTotals(1, "agent", "inc-" + i % 2, i + 1, List.of(total)));
      greatest.merge(
          tenant + " reports " + (10 + i % 2) + " inc-" + i % 2, total.total(), Math::max);
    }
    messages.addAll(List.copyOf(messages));
    Collections.shuffle(messages, random);
    try (Journal journal = open(directory)) {
      for (UsageTotals message : messages) {
        UsageReceipt receipt =
            journal
                .relay(message)
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(receipt.accepted()).isEqualTo(1);
      }
    }
    greatest.values().removeIf(total -> total == 0);
    try (Journal journal = open(directory)) {
      Map<String, Long> kept = new HashMap<>();
      for (Slot slot : journal.backlog().takeAll()) {
        kept.put(name(slot) + " " + slot.source().incarnation(), slot.total());
      }
      assertThat(kept).isEqualTo(greatest);
    }
  }

  private static void ship(Journal journal, Map<String, Long> shipped) {
    for (Slot slot : journal.backlog().takeAll()) {
      slot.dequeue();
      long total = slot.total();
      shipped.merge(name(slot), total, Math::max);
      slot.acknowledge(total);
    }
  }

  private static Map<String, Long> totals(Journal journal) {
    Map<String, Long> totals = new HashMap<>();
    for (Slot slot : journal.backlog().takeAll()) {
      totals.put(name(slot), slot.total());
    }
    return totals;
  }

  private static String name(Slot slot) {
    SlotKey key = slot.key();
    return key.tenant() + " " + key.meter() + " " + key.hour() % 24;
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.list(temporary)) {
      return all.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Journal open(Path directory) throws IOException {
    InstantSource clock = () -> now;
    return Journal.open(
        new JournalSettings(
            "proxy-a", directory, 4096, Duration.ofSeconds(1), Duration.ofSeconds(1), 100),
        clock);
  }
}
