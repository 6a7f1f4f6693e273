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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings alerts to the control plane: one message at a time, for ever trying. What is lost with
 * this node the limit cluster announces again to another, until one has said that it arrived; the
 * control plane makes one event of all that. Thread-safe; works on one event loop.
 */
final class AlertShipper implements Consumer<LimitAlert> {
  private static final Logger LOG = LoggerFactory.getLogger("io.tollgate.limits");
  private static final String PATH = "/api/proxy/alerts";
  private static final int AT_ONCE = 500;
  private static final int MOST = 50_000;
  private static final long FIRST_PAUSE = 100;
  private static final long LONGEST_PAUSE = 30_000;

  private final Vertx vertx;
  private final Context home;
  private final ControlPlane controlPlane;
  private final String source;
  private final ArrayDeque<LimitAlert> queue = new ArrayDeque<>();
  private final List<Promise<Void>> whenEmpty = new ArrayList<>();
  private final AtomicLong unshipped = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private @Nullable Consumer<LimitAlert> arrived;
  private boolean underWay;
  private long pause = FIRST_PAUSE;

  /** A shipper of this node's alerts; ships once it is {@link #begin begun}. */
  AlertShipper(Vertx vertx, ControlPlane controlPlane, String source) {
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
    if (queue.size() >= MOST) {
      dropped.incrementAndGet();
      return;
    }
    queue.add(alert);
    unshipped.incrementAndGet();
    next();
  }

  /** Completes when every alert announced before is with the control plane. */
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

  /** Alerts that wait for the control plane. */
  long unshipped() {
    return unshipped.get();
  }

  /** Alerts not kept because too many wait. */
  long dropped() {
    return dropped.get();
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
    List<LimitAlert> batch = queue.stream().limit(AT_ONCE).toList();
    QuotaAlerts message =
        new QuotaAlerts(
            QuotaAlerts.FORMAT, source, batch.stream().map(AlertShipper::onTheWire).toList());
    controlPlane
        .post(PATH, Buffer.buffer(Wire.write(message)))
        .onComplete(
            (answer, failure) ->
                home.runOnContext(ignored -> settle(batch, answer, String.valueOf(failure))));
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
        Consumer<LimitAlert> tell = arrived;
        if (tell != null) {
          batch.forEach(tell);
        }
        done(batch);
      }
      case 400, 413, 422 -> {
        LOG.error("the control plane answers {} to {} alerts", answer.status(), batch.size());
        dropped.addAndGet(batch.size());
        done(batch);
      }
      default -> later("the control plane answered " + answer.status());
    }
  }

  private void done(List<LimitAlert> batch) {
    for (int i = 0; i < batch.size(); i++) {
      queue.remove();
    }
    unshipped.addAndGet(-batch.size());
    underWay = false;
    next();
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
