package io.tollgate.controlplane.database;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events on: {@link #publish} stores them in the transaction of the change they tell of, and
 * each consumer handles and removes them in a transaction of its own, exactly once, on whichever
 * replica takes them first. A poisoned event is set aside after some tries and the others go on.
 *
 * <p>Consumers are added while the program is put together; afterwards thread-safe.
 */
public final class Outbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final String CHANNEL = "tollgate_outbox";
  private static final int BATCH = 250;
  private static final int TRIES = 5;
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration IN_HAND = Duration.ofMillis(2);

  private final Database database;
  private final InstantSource clock;
  private final Map<String, Consumer> consumers = new LinkedHashMap<>();
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean closed;

  private record Consumer(Predicate<String> kinds, EventHandler handler, Semaphore bell) {}

  private record Waiting(long id, int attempts, Event event) {}

  /** An outbox on the database; the wall clock times retries only. */
  public Outbox(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Adds a consumer.
   *
   * @param name its lasting name; what waits for a name that no replica has any more stays
   * @param kinds which kinds of event it wants
   */
  public void subscribe(String name, Predicate<String> kinds, EventHandler handler) {
    if (consumers.put(name, new Consumer(kinds, handler, new Semaphore(0))) != null) {
      throw new IllegalStateException("two consumers are called " + name);
    }
  }

  /**
   * Lets nobody follow: what is published from now on goes nowhere. Whoever looks derives what it
   * needs. While the program is put together.
   */
  public void followNothing() {
    consumers.clear();
  }

  /** Publishes one event in the transaction of the change it tells of. */
  public void publish(Transaction tx, Event event) {
    publishAll(tx, List.of(event));
  }

  /** Publishes events with few statements. */
  public void publishAll(Transaction tx, List<Event> events) {
    List<String> names = new ArrayList<>();
    List<Event> copies = new ArrayList<>();
    consumers.forEach(
        (name, consumer) ->
            events.stream()
                .filter(event -> consumer.kinds().test(event.kind()))
                .forEach(
                    event -> {
                      names.add(name);
                      copies.add(event);
                    }));
    if (copies.isEmpty()) {
      return;
    }
    tx.send(
        "INSERT INTO outbox (consumer, tenant, kind, subject, payload, occurred_at)"
            + " SELECT consumer, tenant, kind, subject, payload::jsonb, occurred_at"
            + " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],"
            + " $6::timestamptz[]) WITH ORDINALITY AS e (consumer, tenant, kind, subject, payload,"
            + " occurred_at, place) ORDER BY place",
        names.toArray(String[]::new),
        copies.stream().map(Event::tenant).toArray(String[]::new),
        copies.stream().map(Event::kind).toArray(String[]::new),
        copies.stream().map(Event::subject).toArray(String[]::new),
        copies.stream().map(event -> event.payload().text()).toArray(String[]::new),
        copies.stream().map(Event::occurredAt).toArray(Instant[]::new));
    tx.send("SELECT pg_notify($1, '')", CHANNEL);
  }

  /**
   * Whether an event of the tenant waits for a consumer, or is in the hands of a worker that has
   * not committed yet. What is set aside waits no more.
   */
  public boolean isWaiting(Transaction tx, String consumer, String tenant) {
    return tx.first(
            "SELECT 1 FROM outbox WHERE tenant = $1 AND consumer = $2 AND set_aside_at IS NULL"
                + " LIMIT 1",
            row -> true,
            tenant,
            consumer)
        .isPresent();
  }

  /** Starts one worker for each consumer. */
  public void start() {
    database.listen(
        CHANNEL, payload -> consumers.values().forEach(consumer -> consumer.bell().release()));
    consumers.forEach(
        (name, consumer) ->
            workers.add(
                Thread.ofVirtual().name("outbox-" + name).start(() -> work(name, consumer))));
  }

  private void work(String name, Consumer consumer) {
    while (!closed) {
      try {
        if (drain(name, consumer) == 0) {
          consumer.bell().tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          consumer.bell().drainPermits();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.error("outbox consumer {} could not work", name, e);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Handles all that waits now, in the caller's thread, and waits for what workers have in hand: an
   * event published before the call has been handled, or put off, when this returns.
   *
   * @return how many events the caller's thread handled
   */
  public int drain() {
    int handled = 0;
    List<String> waiting = waiting();
    while (!waiting.isEmpty() && !closed) {
      int round = 0;
      for (String name : waiting) {
        round += drain(name, Objects.requireNonNull(consumers.get(name)));
      }
      if (round == 0) {
        // A worker, here or on another replica, has them in hand.
        LockSupport.parkNanos(IN_HAND.toNanos());
      }
      handled += round;
      waiting = waiting();
    }
    return handled;
  }

  /** The consumers for which events wait, in the order in which they were added. */
  private List<String> waiting() {
    return database.inTransaction(
        tx ->
            tx.list(
                "SELECT c.name FROM unnest($1::text[]) WITH ORDINALITY AS c (name, place)"
                    + " WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.consumer = c.name"
                    + " AND o.set_aside_at IS NULL"
                    + " AND (o.not_before IS NULL OR o.not_before <= $2)) ORDER BY c.place",
                row -> row.text("name"),
                consumers.keySet().toArray(String[]::new),
                clock.instant()));
  }

  private int drain(String name, Consumer consumer) {
    int handled = 0;
    int batch;
    do {
      batch = batch(name, consumer);
      handled += batch;
    } while (batch > 0 && !closed);
    return handled;
  }

  private int batch(String name, Consumer consumer) {
    List<Waiting> taken = new ArrayList<>();
    try {
      return database.inTransaction(
          tx -> {
            taken.clear();
            taken.addAll(take(tx, name, BATCH));
            handle(tx, consumer, taken);
            return taken.size();
          });
    } catch (RuntimeException e) {
      if (taken.isEmpty()) {
        throw e;
      }
      LOG.warn("outbox consumer {} failed on a batch; its events come one by one", name, e);
      taken.forEach(waiting -> single(name, consumer, waiting));
      return taken.size();
    }
  }

  private void single(String name, Consumer consumer, Waiting waiting) {
    try {
      database.inTransaction(
          tx -> {
            handle(tx, consumer, takeOne(tx, waiting.id()));
            return true;
          });
    } catch (RuntimeException e) {
      LOG.error("outbox consumer {} failed on {}", name, waiting.event(), e);
      Instant now = clock.instant();
      boolean last = waiting.attempts() + 1 >= TRIES;
      database.inTransaction(
          tx ->
              tx.execute(
                  "UPDATE outbox SET attempts = attempts + 1, error = $2, not_before = $3,"
                      + " set_aside_at = $4 WHERE id = $1",
                  waiting.id(),
                  String.valueOf(e),
                  now.plusSeconds(1L << waiting.attempts()),
                  last ? now : null));
    }
  }

  private static void handle(Transaction tx, Consumer consumer, List<Waiting> taken) {
    if (!taken.isEmpty()) {
      consumer.handler().handle(tx, taken.stream().map(Waiting::event).toList());
    }
  }

  private List<Waiting> take(Transaction tx, String name, int most) {
    return tx.list(
        "WITH taken AS (DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE consumer = $1"
            + " AND set_aside_at IS NULL AND (not_before IS NULL OR not_before <= $2)"
            + " ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED))"
            + " RETURNING *, payload::text AS document) SELECT * FROM taken ORDER BY id",
        Outbox::waiting,
        name,
        clock.instant(),
        most);
  }

  private static List<Waiting> takeOne(Transaction tx, long id) {
    return tx.list(
        "DELETE FROM outbox WHERE id = $1 RETURNING *, payload::text AS document",
        Outbox::waiting,
        id);
  }

  private static Waiting waiting(Row row) {
    return new Waiting(
        row.whole("id"),
        row.integer("attempts"),
        new Event(
            row.text("tenant"),
            row.text("kind"),
            row.text("subject"),
            new Json(row.text("document")),
            row.instant("occurred_at")));
  }

  /** Stops the workers after the batch in hand. */
  @Override
  public void close() {
    closed = true;
    for (Consumer consumer : consumers.values()) {
      consumer.bell().release();
    }
    for (Thread worker : workers) {
      try {
        worker.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
