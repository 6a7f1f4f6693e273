package io.tollgate.proxy.usage;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.proxy.meter.Letterbox;
import io.tollgate.proxy.meter.Tally;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counted units, kept where killing the process cannot reach them. Thread-safe.
 *
 * <p>An addition goes to memory that is mapped to a file: the kernel has it the moment the
 * instruction is done, whatever becomes of the process. The file is forced to disk at an interval,
 * which bounds what a loss of power can take. Totals are monotonic per (source, incarnation,
 * tenant, meter, hour), so that shipping them twice, late or out of order changes nothing.
 */
public final class Journal implements Tally, Letterbox.Slot, AutoCloseable {
  /** The most units of one addition: keeps a total far from overflow. */
  public static final long MOST_UNITS = 1L << 48;

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final long COMPACT_EVERY = 10_000;
  private static final int RELAYS_AT_ONCE = 256;

  private final InstantSource clock;
  private final Ledger ledger;
  private final Backlog backlog;
  private final Source self;
  private final ScheduledExecutorService thread;
  private final ConcurrentMap<String, Counter[]> counters = new ConcurrentHashMap<>();
  private final AtomicLong latestHour;
  private final AtomicLong invalid = new AtomicLong();
  private final AtomicLong relays = new AtomicLong();
  private volatile long forcedAt;

  private Journal(Ledger ledger, Backlog backlog, Source self, InstantSource clock) {
    this.clock = clock;
    this.ledger = ledger;
    this.backlog = backlog;
    this.self = self;
    this.latestHour = new AtomicLong(clock.millis() / HOUR);
    this.forcedAt = clock.millis();
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread made = new Thread(work, "usage-journal");
              made.setDaemon(true);
              return made;
            });
  }

  /**
   * Opens the journal's directory, taking over what earlier starts left unshipped.
   *
   * @throws IOException if the directory cannot be used, or another process uses it
   */
  public static Journal open(JournalSettings settings, InstantSource clock) throws IOException {
    Source self = new Source(settings.source(), UUID.randomUUID().toString(), 0);
    Backlog backlog = new Backlog();
    Ledger ledger = Ledger.open(settings.directory(), settings.segmentBytes());
    Journal journal = new Journal(ledger, backlog, self, clock);
    long now = clock.millis();
    ledger.slots().forEach(slot -> backlog.push(slot, now));
    long force = settings.forceEvery().toMillis();
    journal.every(force, journal::force);
    journal.every(COMPACT_EVERY, journal::compact);
    return journal;
  }

  @Override
  public void add(String tenant, String meter, long units) {
    counter(tenant, meter).add(units);
  }

  @Override
  public Counter counter(String tenant, String meter) {
    Counter[] known = counters.get(tenant);
    if (known != null) {
      for (Counter counter : known) {
        if (counter.meter().equals(meter)) {
          return counter;
        }
      }
    }
    return newCounter(tenant, meter);
  }

  /** Keeps an agent's totals and answers once they are on disk. Fails when too many wait. */
  @Override
  public Future<UsageReceipt> relay(UsageTotals totals) {
    if (relays.incrementAndGet() > RELAYS_AT_ONCE) {
      relays.decrementAndGet();
      return Future.failedFuture("the journal is busy");
    }
    Context caller = Vertx.currentContext();
    Promise<UsageReceipt> answer = Promise.promise();
    try {
      thread.execute(() -> relayNow(totals, answer, caller));
    } catch (RejectedExecutionException e) {
      relays.decrementAndGet();
      return Future.failedFuture("the journal is closed");
    }
    return answer.future();
  }

  /** Forces everything to disk and closes. What is unshipped is taken over by the next start. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.error("the journal's thread does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ledger.force();
    ledger.close();
  }

  Backlog backlog() {
    return backlog;
  }

  /** The present incarnation's id. */
  public String incarnation() {
    return self.incarnation();
  }

  long now() {
    return clock.millis();
  }

  /** The hour of an instant; never earlier than one answered before. */
  long hour(long nowMillis) {
    long hour = nowMillis / HOUR;
    long latest = latestHour.get();
    if (hour > latest) {
      return latestHour.accumulateAndGet(hour, Math::max);
    }
    return latest;
  }

  Slot roll(String tenant, String meter, long nowMillis) {
    return ledger.slot(new SlotKey(self, tenant, meter, hour(nowMillis)));
  }

  void changed(Slot slot, long nowMillis) {
    backlog.push(slot, nowMillis);
  }

  void invalid(long units) {
    if (units != 0 && invalid.getAndIncrement() % 1_000 == 0) {
      LOG.error("{} units cannot be counted: 1 to {} are expected", units, MOST_UNITS);
    }
  }

  /** Additions that were dropped because their number of units was impossible. */
  long invalid() {
    return invalid.get();
  }

  /** Adds what waits in the ledger to a status. */
  Ledger.Waiting waiting() {
    return ledger.waiting();
  }

  long forcedAt() {
    return forcedAt;
  }

  private void every(long millis, Runnable work) {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(work, millis, millis, TimeUnit.MILLISECONDS);
  }

  private Counter newCounter(String tenant, String meter) {
    Counter made = new Counter(this, tenant, meter, roll(tenant, meter, now()));
    Counter[] all =
        counters.merge(
            tenant,
            new Counter[] {made},
            (known, fresh) -> {
              for (Counter counter : known) {
                if (counter.meter().equals(meter)) {
                  return known;
                }
              }
              Counter[] more = java.util.Arrays.copyOf(known, known.length + 1);
              more[known.length] = fresh[0];
              return more;
            });
    for (Counter counter : all) {
      if (counter.meter().equals(meter)) {
        return counter;
      }
    }
    return made;
  }

  private void relayNow(
      UsageTotals totals, Promise<UsageReceipt> answer, @Nullable Context caller) {
    List<UsageReceipt.Refusal> refused = new ArrayList<>();
    long now = now();
    Source source = new Source(totals.source(), totals.incarnation(), 0);
    for (UsageTotal total : totals.totals()) {
      String why =
          Segment.fits(source) ? keep(source, total, now) : "the source's name is too long";
      if (why != null) {
        refused.add(new UsageReceipt.Refusal(total, why));
      }
    }
    ledger.force();
    relays.decrementAndGet();
    int accepted = totals.totals().size() - refused.size();
    UsageReceipt receipt =
        new UsageReceipt(UsageReceipt.FORMAT, totals.sequence(), accepted, refused);
    if (caller == null) {
      answer.complete(receipt);
    } else {
      caller.runOnContext(ignored -> answer.complete(receipt));
    }
  }

  private @Nullable String keep(Source source, UsageTotal total, long now) {
    long hour = total.hour().toEpochMilli() / HOUR;
    SlotKey key = new SlotKey(source, total.tenant(), total.meter(), hour);
    if (!Ledger.fits(key)) {
      return "tenant and meter are too long together";
    }
    Slot slot = ledger.slot(key);
    while (!slot.raise(total.total())) {
      slot = ledger.slot(key);
    }
    if (slot.total() > slot.acknowledged()) {
      backlog.push(slot, now);
    }
    return null;
  }

  private void force() {
    try {
      ledger.force();
      forcedAt = now();
    } catch (RuntimeException e) {
      LOG.error("the journal cannot be forced to disk", e);
    }
  }

  private void compact() {
    try {
      // An hour of grace: a call that began before the hour's end still finds its record open.
      ledger.compact(hour(now()) - 1);
      counters.forEach(
          (tenant, known) -> {
            if (java.util.Arrays.stream(known).allMatch(Counter::isIdle)) {
              counters.remove(tenant, known);
            }
          });
    } catch (RuntimeException e) {
      LOG.error("the journal cannot be compacted", e);
    }
  }
}
