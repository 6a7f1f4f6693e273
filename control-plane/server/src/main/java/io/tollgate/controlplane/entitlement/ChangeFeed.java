package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.EntitlementsChange;
import io.tollgate.controlplane.database.Database;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes as they are committed, on whichever replica. One thread reads what is new, woken by
 * NOTIFY and otherwise every second, and keeps the last of it in memory, so that a change costs one
 * query per replica however many proxies follow. Whoever is further behind reads from the database.
 * Thread-safe.
 */
final class ChangeFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
  private static final int BATCH = 256;
  private static final int KEPT = 4096;
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** One change as it is sent. */
  record Change(long sequence, String json) {}

  private final Database database;
  private final DocumentStore documents;
  private final Semaphore bell = new Semaphore(0);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final Deque<Change> kept = new ArrayDeque<>();
  private long floor;
  private long head;
  private volatile boolean closed;

  ChangeFeed(Database database, DocumentStore documents) {
    this.database = database;
    this.documents = documents;
  }

  /** Begins to follow, from what is there now. */
  void start() {
    database.listen(DocumentStore.CHANNEL, payload -> bell.release());
    head = position();
    floor = head;
    Thread.ofVirtual().name("entitlement-feed").start(this::follow);
  }

  /** The greatest sequence that is committed. */
  long position() {
    return database.inTransaction(documents::position);
  }

  /**
   * The changes after a sequence, in their order; waits for the first of them.
   *
   * @param sequence the last one already had
   * @param most how long to wait before answering with none
   */
  List<Change> after(long sequence, Duration most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = most.toNanos();
      while (head <= sequence && nanos > 0 && !closed) {
        nanos = more.awaitNanos(nanos);
      }
      if (sequence >= floor) {
        return kept.stream().filter(change -> change.sequence() > sequence).limit(BATCH).toList();
      }
    } finally {
      lock.unlock();
    }
    return read(sequence);
  }

  private void follow() {
    while (!closed) {
      try {
        bell.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        bell.drainPermits();
        while (!closed && take()) {
          // Until nothing new is left.
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.warn("changes cannot be read, trying again: {}", e.toString());
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

  /** Takes one batch over; whether there was any. Only the feed's own thread writes the head. */
  private boolean take() {
    List<Change> fresh = read(head);
    if (fresh.isEmpty()) {
      return false;
    }
    lock.lock();
    try {
      for (Change change : fresh) {
        kept.addLast(change);
        if (kept.size() > KEPT) {
          floor = kept.removeFirst().sequence();
        }
      }
      head = fresh.getLast().sequence();
      more.signalAll();
    } finally {
      lock.unlock();
    }
    return true;
  }

  private List<Change> read(long sequence) {
    List<EntitlementsChange> read =
        database.inTransaction(tx -> documents.after(tx, sequence, BATCH));
    List<Change> changes = new ArrayList<>();
    for (EntitlementsChange change : read) {
      changes.add(new Change(change.sequence(), ContractJson.write(change)));
    }
    return changes;
  }

  /** Ends the following; whoever waits gets what there is. */
  @Override
  public void close() {
    closed = true;
    bell.release();
    lock.lock();
    try {
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
