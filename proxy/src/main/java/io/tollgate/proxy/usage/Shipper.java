package io.tollgate.proxy.usage;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.Wire;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the journal's totals to the control plane: one message at a time, for ever trying.
 * Thread-safe; works on one event loop.
 *
 * <p>What fails goes back to the journal's backlog and is sent with whatever was added since: a
 * total is never less than one sent before, so nothing need be kept as it was.
 */
public final class Shipper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
  private static final String PATH = "/api/proxy/usage";
  private static final long FIRST_PAUSE = 100;
  private static final long LONGEST_PAUSE = 30_000;
  private static final long ASIDE = 60_000;

  private final Vertx vertx;
  private final Context home;
  private final Journal journal;
  private final ControlPlane controlPlane;
  private final JournalSettings settings;

  private final Map<Source, Queue<Slot>> queues = new LinkedHashMap<>();
  private final AtomicLong refusedUnits = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private List<Promise<Void>> waiting = new ArrayList<>();
  private List<Promise<Void>> waitingForRound = new ArrayList<>();
  private boolean underWay;
  private boolean complete;
  private int aside;
  private boolean closed;
  private int most;
  private int ceiling;
  private long pause = FIRST_PAUSE;
  private long timer = -1;

  private Shipper(
      Vertx vertx, Journal journal, ControlPlane controlPlane, JournalSettings settings) {
    this.vertx = vertx;
    this.home = vertx.getOrCreateContext();
    this.journal = journal;
    this.controlPlane = controlPlane;
    this.settings = settings;
    this.most = settings.totalsPerMessage();
    this.ceiling = most;
  }

  /** Begins to ship. */
  public static Shipper start(
      Vertx vertx, Journal journal, ControlPlane controlPlane, JournalSettings settings) {
    Shipper shipper = new Shipper(vertx, journal, controlPlane, settings);
    shipper.home.runOnContext(ignored -> shipper.round());
    return shipper;
  }

  /** Ships at once; completes when all that was counted before this call is acknowledged. */
  public Future<Void> flush() {
    Promise<Void> done = Promise.promise();
    home.runOnContext(
        ignored -> {
          waiting.add(done);
          if (!underWay) {
            round();
          }
        });
    return done.future();
  }

  /** How far shipping is. Walks over the journal: for a scrape, not for every call. */
  public ShipperStatus status() {
    Ledger.Waiting ledger = journal.waiting();
    long now = journal.now();
    return new ShipperStatus(
        ledger.units(),
        ledger.totals(),
        Duration.ofMillis(ledger.since() == 0 ? 0 : Math.max(0, now - ledger.since())),
        Duration.ofMillis(Math.max(0, now - journal.forcedAt())),
        ledger.files(),
        ledger.volatileSlots(),
        journal.invalid(),
        refusedUnits.get(),
        messages.get(),
        failures.get());
  }

  /** Stops; what is unshipped stays in the journal. */
  @Override
  public void close() {
    home.runOnContext(
        ignored -> {
          closed = true;
          vertx.cancelTimer(timer);
        });
  }

  /** A round empties the backlog as it stands at its start. */
  private void round() {
    if (closed) {
      return;
    }
    vertx.cancelTimer(timer);
    underWay = true;
    complete = aside == 0;
    waitingForRound.addAll(waiting);
    waiting = new ArrayList<>();
    for (Slot slot : journal.backlog().takeAll()) {
      queues.computeIfAbsent(slot.source(), source -> new ArrayDeque<>()).add(slot);
    }
    next();
  }

  private void next() {
    Iterator<Map.Entry<Source, Queue<Slot>>> all = queues.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Source, Queue<Slot>> entry = all.next();
      Parcel parcel = Parcel.fill(entry.getKey(), entry.getValue(), most);
      if (entry.getValue().isEmpty()) {
        all.remove();
      }
      if (!parcel.isEmpty()) {
        send(parcel);
        return;
      }
    }
    endRound(settings.shipEvery().toMillis());
  }

  private void endRound(long wait) {
    underWay = false;
    if (complete) {
      List<Promise<Void>> done = waitingForRound;
      waitingForRound = new ArrayList<>();
      done.forEach(Promise::complete);
      if (!waiting.isEmpty()) {
        round();
        return;
      }
    }
    timer = vertx.setTimer(wait, ignored -> home.runOnContext(again -> roundUnlessUnderWay()));
  }

  private void roundUnlessUnderWay() {
    if (!underWay) {
      round();
    }
  }

  private void send(Parcel parcel) {
    controlPlane
        .post(PATH, Buffer.buffer(parcel.message()))
        .onComplete(
            (answer, failure) -> home.runOnContext(ignored -> settle(parcel, answer, failure)));
  }

  private void settle(
      Parcel parcel, ControlPlane.@Nullable Answer answer, @Nullable Throwable failure) {
    if (answer == null) {
      failed(parcel, String.valueOf(failure));
      return;
    }
    switch (answer.status()) {
      case 200 -> received(parcel, answer);
      case 400, 413, 422 -> indigestible(parcel, answer);
      default -> failed(parcel, "the control plane answered " + answer.status());
    }
  }

  private void received(Parcel parcel, ControlPlane.Answer answer) {
    UsageReceipt receipt;
    try {
      receipt = Wire.read(answer.body().getBytes(), UsageReceipt.class);
    } catch (IOException e) {
      failed(parcel, "the receipt cannot be read: " + e.getMessage());
      return;
    }
    long refused =
        parcel.acknowledge(receipt.refused().stream().map(UsageReceipt.Refusal::total).toList());
    if (refused > 0) {
      refusedUnits.addAndGet(refused);
      LOG.error(
          "the control plane refused {} units of usage for ever; the first: {}",
          refused,
          receipt.refused().getFirst());
    }
    messages.incrementAndGet();
    pause = FIRST_PAUSE;
    most = Math.min(ceiling, most * 2);
    next();
  }

  /** The message as a whole is refused: halve it until what is wrong with it stands alone. */
  private void indigestible(Parcel parcel, ControlPlane.Answer answer) {
    failures.incrementAndGet();
    complete = false;
    most = Math.max(1, parcel.size() / 2);
    if (answer.status() == 413) {
      ceiling = most;
    }
    if (parcel.size() > 1) {
      giveBack(parcel);
      endRound(FIRST_PAUSE);
      return;
    }
    LOG.error(
        "the control plane answers {} to a single total, which is set aside for a minute: {}",
        answer.status(),
        parcel.slots().getFirst().key());
    aside++;
    vertx.setTimer(
        ASIDE,
        ignored ->
            home.runOnContext(
                again -> {
                  aside--;
                  giveBack(parcel);
                }));
    next();
  }

  private void failed(Parcel parcel, String why) {
    failures.incrementAndGet();
    complete = false;
    giveBack(parcel);
    // Jitter keeps a fleet of proxies from coming back all at once.
    long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    LOG.warn("usage cannot be shipped: {}; trying again in {} ms", why, wait);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
    endRound(wait);
  }

  private void giveBack(Parcel parcel) {
    long now = journal.now();
    parcel.slots().forEach(slot -> journal.changed(slot, now));
  }
}
