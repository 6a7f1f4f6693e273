package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The steps of subscriptions' lives under one catalog, as pure functions, for other rooms' tests.
 */
public final class Lives {
  private final AtomicInteger ids = new AtomicInteger();
  private final Lifecycle lifecycle =
      new Lifecycle(new Holdings(() -> "itm_" + ids.incrementAndGet()));
  private final CatalogVersion catalog;

  /** Lives under this catalog. */
  public Lives(CatalogVersion catalog) {
    this.catalog = catalog;
  }

  /** Begins at once. */
  public Subscription start(Order order) {
    return lifecycle.start("sub_1", order, catalog, order.startsAt()).after();
  }

  /** Its period ends and the next begins. */
  public Subscription turn(Subscription before) {
    return lifecycle.turn(before, version -> catalog).after();
  }

  /** Stands still until it goes on. */
  public Subscription pause(Subscription before, Instant now) {
    return lifecycle.pause(before, null, now).after();
  }

  /** Goes on. */
  public Subscription resume(Subscription before, Instant now) {
    return lifecycle.resume(before, catalog.catalog().policies(), now).after();
  }

  /** Changes at once. */
  public Revision change(Subscription before, Change change, Instant now) {
    return lifecycle.change(before, change, catalog, catalog, now);
  }

  /** Is to end at an instant, which gives back the rest. */
  public Subscription cancelAt(Subscription before, Instant at, Instant now) {
    return lifecycle.cancelAt(before, at, true, now).after();
  }

  /** Is not to end any more. */
  public Subscription undoCancel(Subscription before, Instant now) {
    return lifecycle.undoCancel(before, now).after();
  }

  /** The end that was known comes. */
  public Revision end(Subscription before) {
    return lifecycle.end(before);
  }

  /** Ends at once and gives back the rest. */
  public Revision cancel(Subscription before, Instant now) {
    return lifecycle.cancelNow(before, true, now);
  }
}
