package io.tollgate.proxy;

import io.tollgate.contract.QuotaAlert;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.proxy.entitlement.ControlPlane;
import io.tollgate.proxy.entitlement.Wire;
import io.tollgate.proxy.limit.LimitAlert;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings alerts to the control plane: one message at a time, for ever trying. What the control
 * plane cannot read is halved until it stands alone, set aside, and tried again after a while: it
 * holds nothing else up. What is lost with this node the limit cluster announces again to another,
 * until one has said that it arrived; the control plane makes one event of all that. Thread-safe;
 * works on one event loop. Of what it cannot keep the cell is the keeper, until its window ends.
 */
final class AlertShipper implements Consumer<LimitAlert> {
  private static final Logger LOG = LoggerFactory.getLogger("io.tollgate.limits");
  private static final String PATH = "/api/proxy/alerts";
  private static final int AT_ONCE = 500;
  private static final int MOST = 100_000;
  private static final long FIRST_PAUSE = 100;
  private static final long LONGEST_PAUSE = 30_000;

  /** A message that nobody can read is tried again after so long: a newer control plane may. */
  private static final long ASIDE = 60_000;

  private final Vertx vertx;
  private final Context home;
  private final ControlPlane controlPlane;
  private final String source;
  private final ArrayDeque<LimitAlert> queue = new ArrayDeque<>();
  private final List<Promise<Void>> whenEmpty = new ArrayList<>();
  private final AtomicLong unshipped = new AtomicLong();
  private final AtomicLong left = new AtomicLong();
  private final int most;
  private @Nullable Consumer<LimitAlert> arrived;
  private Consumer<LimitAlert> unheard = alert -> {};
  private IntConsumer room = counters -> {};

  /** Whether alerts were left to their cells since there was room last. */
  private boolean isFull;

  private final AtomicLong aside = new AtomicLong();
  private boolean underWay;
  private int atOnce = AT_ONCE;
  private long pause = FIRST_PAUSE;

  /** A shipper of this node's alerts; ships once it is {@link #begin begun}. */
  AlertShipper(Vertx vertx, ControlPlane controlPlane, String source) {
    this(vertx, controlPlane, source, MOST);
  }

  /**
   * As the other.
   *
   * @param most alerts kept here while the control plane is away; the others stay with their cells
   */
  AlertShipper(Vertx vertx, ControlPlane controlPlane, String source, int most) {
    this.most = most;
    this.vertx = vertx;
    this.home = vertx.getOrCreateContext();
    this.controlPlane = controlPlane;
    this.source = source;
  }

  /**
   * Begins to ship.
   *
   * @param whenArrived told of every alert that the control plane has
   */
  void begin(Consumer<LimitAlert> whenArrived) {
    home.runOnContext(
        ignored -> {
          arrived = whenArrived;
          next();
        });
  }

  /**
   * Says what becomes of alerts when too many wait. Before it is begun.
   *
   * @param left told of an alert that is left to its cell
   * @param again told when there is room again, and for how many
   */
  void whenFull(Consumer<LimitAlert> left, IntConsumer again) {
    unheard = left;
    room = again;
  }

  @Override
  public void accept(LimitAlert alert) {
    LOG.atInfo()
        .addKeyValue("tollgate.tenant", alert.tenant())
        .addKeyValue("tollgate.limit", alert.limit())
        .addKeyValue("tollgate.percent", alert.percent())
        .addKeyValue("tollgate.used", alert.used())
        .addKeyValue("tollgate.amount", alert.amount())
        .log(alert.percent() == LimitAlert.OVER ? "a limit was passed" : "use passed a threshold");
    home.runOnContext(ignored -> add(alert));
  }

  private void add(LimitAlert alert) {
    if (unshipped.get() >= most) {
      if (!isFull) {
        LOG.error("{} alerts wait for the control plane: more are left to their cells", most);
      }
      isFull = true;
      left.incrementAndGet();
      unheard.accept(alert);
      return;
    }
    queue.add(alert);
    unshipped.incrementAndGet();
    next();
  }

  /** Completes when every alert announced before is with the control plane, or set aside. */
  Future<Void> flush() {
    Promise<Void> empty = Promise.promise();
    home.runOnContext(
        ignored -> {
          if (queue.isEmpty()) {
            empty.complete();
          } else {
            whenEmpty.add(empty);
          }
        });
    return empty.future();
  }

  /** Alerts that wait for the control plane, those set aside included. */
  long unshipped() {
    return unshipped.get();
  }

  /** Alerts that the control plane does not understand; they are tried again now and then. */
  long aside() {
    return aside.get();
  }

  /** Times an alert was left to its cell because too many wait. */
  long left() {
    return left.get();
  }

  private void next() {
    if (underWay || arrived == null) {
      return;
    }
    if (queue.isEmpty()) {
      whenEmpty.forEach(Promise::complete);
      whenEmpty.clear();
      return;
    }
    underWay = true;
    List<LimitAlert> batch = queue.stream().limit(atOnce).toList();
    Buffer message;
    try {
      message = message(batch);
    } catch (RuntimeException e) {
      indigestible(batch, e.toString());
      return;
    }
    controlPlane
        .post(PATH, message)
        .onComplete(
            (answer, failure) ->
                home.runOnContext(ignored -> settle(batch, answer, String.valueOf(failure))));
  }

  private Buffer message(List<LimitAlert> batch) {
    List<QuotaAlert> alerts = batch.stream().map(AlertShipper::onTheWire).toList();
    return Buffer.buffer(Wire.write(new QuotaAlerts(QuotaAlerts.FORMAT, source, alerts)));
  }

  private void settle(
      List<LimitAlert> batch, ControlPlane.@Nullable Answer answer, String failure) {
    if (answer == null) {
      later(failure);
      return;
    }
    switch (answer.status()) {
      case 200 -> {
        pause = FIRST_PAUSE;
        atOnce = Math.min(AT_ONCE, 2 * atOnce);
        batch.forEach(this::tell);
        long waiting = unshipped.addAndGet(-batch.size());
        if (isFull && waiting <= most / 2) {
          isFull = false;
          room.accept((int) (most - waiting));
        }
        done(batch);
      }
      case 400, 413, 422 -> indigestible(batch, "the control plane answered " + answer.status());
      default -> later("the control plane answered " + answer.status());
    }
  }

  /** The limit room hears of it; what goes wrong there is not the alert's fault. */
  private void tell(LimitAlert alert) {
    Consumer<LimitAlert> to = arrived;
    try {
      if (to != null) {
        to.accept(alert);
      }
    } catch (RuntimeException e) {
      LOG.error("{} arrived, which the cells were not told", alert, e);
    }
  }

  /** The message as a whole is refused: halve it until what is wrong with it stands alone. */
  private void indigestible(List<LimitAlert> batch, String why) {
    if (batch.size() > 1) {
      atOnce = batch.size() / 2;
      underWay = false;
      home.runOnContext(ignored -> next());
      return;
    }
    LimitAlert alert = batch.getFirst();
    LOG.error("{}; set aside for a minute: {}", why, alert);
    aside.incrementAndGet();
    vertx.setTimer(
        ASIDE,
        ignored ->
            home.runOnContext(
                again -> {
                  aside.decrementAndGet();
                  queue.add(alert);
                  next();
                }));
    done(batch);
  }

  private void done(List<LimitAlert> batch) {
    for (int i = 0; i < batch.size(); i++) {
      queue.remove();
    }
    underWay = false;
    // Not from here, since that would go as deep as there are messages.
    home.runOnContext(ignored -> next());
  }

  private void later(String why) {
    // Jitter keeps a fleet of proxies from coming back all at once.
    long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    LOG.warn("alerts cannot be shipped: {}; trying again in {} ms", why, wait);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
    vertx.setTimer(
        wait,
        ignored ->
            home.runOnContext(
                again -> {
                  underWay = false;
                  next();
                }));
  }

  private static QuotaAlert onTheWire(LimitAlert alert) {
    boolean over = alert.percent() == LimitAlert.OVER;
    return new QuotaAlert(
        alert.tenant(),
        alert.limit(),
        alert.counter(),
        alert.windowStartMillis() == LimitAlert.NO_WINDOW
            ? null
            : Instant.ofEpochMilli(alert.windowStartMillis()),
        over ? QuotaAlert.Kind.OVER : QuotaAlert.Kind.THRESHOLD,
        over ? 100 : alert.percent(),
        Math.max(0, alert.used()),
        alert.amount());
  }
}
