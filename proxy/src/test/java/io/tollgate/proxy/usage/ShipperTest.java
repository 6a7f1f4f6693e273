package io.tollgate.proxy.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.config.ControlPlaneSettings;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.Wire;
import io.tollgate.yaml.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShipperTest {
  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Long> greatest = new ConcurrentHashMap<>();
  private final List<UsageTotals> messages = new CopyOnWriteArrayList<>();
  private HttpServer server;

  /** Counts down; while above zero a message is kept but its answer is lost. */
  private final AtomicInteger losing = new AtomicInteger();

  @BeforeEach
  void listen() throws Exception {
    server = vertx.createHttpServer().requestHandler(this::serve);
    await(server.listen(0, "127.0.0.1"));
  }

  @AfterEach
  void closeAll() throws Exception {
    await(vertx.close());
  }

  @Test
  void flush_answersLost_arrivesExactly() throws Exception {
    losing.set(3);
    try (Journal journal = open();
        Shipper shipper = ship(journal, 20)) {
      for (int i = 0; i < 5_000; i++) {
        journal.add("tenant-" + i % 50, "calls", i % 4);
      }
      await(shipper.flush());
      assertThat(sum()).isEqualTo(7_500);
      assertThat(shipper.status().failures()).isEqualTo(3);
      assertThat(shipper.status().unshippedUnits()).isZero();
      journal.add("tenant-0", "calls", 5);
      await(shipper.flush());
      assertThat(sum()).isEqualTo(7_505);
    }
    List<Long> sequences = messages.stream().map(UsageTotals::sequence).toList();
    assertThat(sequences).doesNotHaveDuplicates().isSorted();
    assertThat(messages).allMatch(message -> message.totals().size() <= 20);
  }

  @Test
  void start_afterADeath_shipsTheFormerIncarnationToo() throws Exception {
    String former;
    try (Journal journal = open()) {
      former = journal.incarnation();
      journal.add("acme", "calls", 11);
    }
    try (Journal journal = open();
        Shipper shipper = ship(journal, 100)) {
      journal.add("acme", "calls", 7);
      await(shipper.flush());
      assertThat(messages)
          .extracting(UsageTotals::incarnation)
          .contains(former, journal.incarnation());
      assertThat(sum()).isEqualTo(18);
    }
    try (Journal journal = open()) {
      assertThat(journal.waiting().totals()).isZero();
    }
  }

  @Test
  void flush_refusedTotals_areCountedAndNotSentForEver() throws Exception {
    try (Journal journal = open();
        Shipper shipper = ship(journal, 100)) {
      journal.add("nobody", "calls", 9);
      journal.add("acme", "calls", 1);
      await(shipper.flush());
      assertThat(shipper.status().refusedUnits()).isEqualTo(9);
      assertThat(shipper.status().unshippedUnits()).isZero();
      journal.add("nobody", "calls", 2);
      await(shipper.flush());
      assertThat(shipper.status().refusedUnits()).isEqualTo(11);
      assertThat(sum()).isEqualTo(1);
    }
  }

  @Test
  void flush_aTotalThatIsIndigestible_doesNotHoldUpTheOthers() throws Exception {
    try (Journal journal = open();
        Shipper shipper = ship(journal, 100)) {
      journal.add("poison", "calls", 1);
      for (int i = 0; i < 40; i++) {
        journal.add("tenant-" + i, "calls", 1);
      }
      Future<Void> flush = shipper.flush();
      until(() -> shipper.status().unshippedUnits() == 1);
      assertThat(sum()).isEqualTo(40);
      assertThat(flush.isComplete()).isFalse();
    }
  }

  private long sum() {
    return greatest.values().stream().mapToLong(Long::longValue).sum();
  }

  private void serve(HttpServerRequest request) {
    request.bodyHandler(
        body -> {
          UsageTotals message = read(body);
          if (message.totals().stream().anyMatch(total -> total.tenant().equals("poison"))) {
            request.response().setStatusCode(422).end();
            return;
          }
          messages.add(message);
          List<UsageReceipt.Refusal> refused = new ArrayList<>();
          for (UsageTotal total : message.totals()) {
            if (total.tenant().equals("nobody")) {
              refused.add(new UsageReceipt.Refusal(total, "there is no tenant 'nobody'"));
            } else {
              greatest.merge(
                  message.incarnation() + total.tenant() + total.meter() + total.hour(),
                  total.total(),
                  Math::max);
            }
          }
          if (losing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            request.connection().close();
            return;
          }
          int accepted = message.totals().size() - refused.size();
          request
              .response()
              .end(
                  Buffer.buffer(
                      Wire.write(new UsageReceipt(1, message.sequence(), accepted, refused))));
        });
  }

  private static UsageTotals read(Buffer body) {
    try {
      return Wire.read(body.getBytes(), UsageTotals.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Journal open() throws IOException {
    return Journal.open(
        JournalSettings.of("proxy-a", directory, Duration.ofMillis(50)), InstantSource.system());
  }

  private Shipper ship(Journal journal, int totalsPerMessage) {
    JournalSettings settings =
        new JournalSettings(
            "proxy-a",
            directory,
            4096,
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            totalsPerMessage);
    ControlPlane controlPlane =
        new ControlPlane(
            vertx,
            new ControlPlaneSettings(
                URI.create("http://127.0.0.1:" + server.actualPort()),
                new Secret("token"),
                Duration.ofSeconds(20),
                Duration.ofSeconds(1)));
    return Shipper.start(vertx, journal, controlPlane, settings);
  }

  private static void until(java.util.function.BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
