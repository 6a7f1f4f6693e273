package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OutboxTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final InstantSource clock = now::get;
  private final List<String> handled = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void clear() {
    DB.db().inTransaction(tx -> tx.execute("DELETE FROM outbox"));
  }

  private Outbox outbox() {
    Outbox outbox = new Outbox(DB.db(), clock);
    outbox.subscribe(
        "first",
        kind -> true,
        (tx, events) ->
            events.forEach(
                event -> {
                  if (event.subject().startsWith("poison")) {
                    throw new IllegalStateException("poisoned");
                  }
                  handled.add(event.subject());
                }));
    return outbox;
  }

  private static Event event(String subject) {
    return new Event("t", "thing.done", subject, new Json("{\"n\":1}"), START);
  }

  private static void publish(Outbox outbox, String... subjects) {
    DB.db()
        .inTransaction(
            tx -> {
              for (String subject : subjects) {
                outbox.publish(tx, event(subject));
              }
              return true;
            });
  }

  @Test
  void drain_handlesEachEventOnceInOrder() {
    Outbox outbox = outbox();
    publish(outbox, "a", "b", "c");
    assertThat(outbox.drain()).isEqualTo(3);
    assertThat(outbox.drain()).isZero();
    assertThat(handled).containsExactly("a", "b", "c");
  }

  @Test
  void publish_rolledBack_tellsNobody() {
    Outbox outbox = outbox();
    assertThatThrownBy(
            () ->
                DB.db()
                    .inTransaction(
                        tx -> {
                          outbox.publish(tx, event("never"));
                          throw new IllegalStateException("changed my mind");
                        }))
        .hasMessage("changed my mind");
    assertThat(outbox.drain()).isZero();
  }

  @Test
  void drain_manyReplicas_handleEachEventOnce() {
    String[] subjects = new String[500];
    for (int i = 0; i < subjects.length; i++) {
      subjects[i] = "s" + i;
    }
    publish(outbox(), subjects);
    try (ExecutorService replicas = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        replicas.execute(() -> outbox().drain());
      }
    }
    assertThat(handled).containsExactlyInAnyOrder(subjects);
  }

  @Test
  void drain_poisonedEvent_isSetAsideWhileOthersGoOn() {
    Outbox outbox = outbox();
    publish(outbox, "good", "poison", "fine");
    for (int i = 0; i < 6; i++) {
      outbox.drain();
      now.set(START.plus(Duration.ofHours(i + 1L)));
    }
    assertThat(handled).contains("fine").endsWith("fine");
    List<String> aside =
        DB.db()
            .inTransaction(
                tx ->
                    tx.list(
                        "SELECT subject || ' ' || attempts || ' ' || error AS told FROM outbox"
                            + " WHERE set_aside_at IS NOT NULL",
                        row -> row.text("told")));
    assertThat(aside).hasSize(1);
    assertThat(aside.getFirst()).startsWith("poison 5").contains("poisoned");
  }

  @Test
  void drain_waitsForWhatAWorkerHasInHand() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Outbox slow = new Outbox(DB.db(), clock);
    slow.subscribe(
        "first",
        kind -> true,
        (tx, events) -> {
          entered.countDown();
          await(released);
          handled.add("slow");
        });
    publish(slow, "x");
    Thread worker = Thread.ofVirtual().start(slow::drain);
    entered.await();
    Thread waiter =
        Thread.ofVirtual()
            .start(
                () -> {
                  outbox().drain();
                  handled.add("drained");
                });
    released.countDown();
    worker.join();
    waiter.join();
    assertThat(handled).containsExactly("slow", "drained");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void start_hearsOfEventsAtOnce() throws InterruptedException {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (Outbox outbox = new Outbox(DB.db(), clock)) {
      outbox.subscribe(
          "live", kind -> true, (tx, events) -> events.forEach(e -> heard.add(e.subject())));
      outbox.start();
      publish(outbox, "now");
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("now");
    }
  }
}
