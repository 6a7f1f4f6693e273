package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.proxy.config.Staleness;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import io.tollgate.proxy.tenant.KeyDirectory;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each tenant may do, as far as this proxy has had to know it. Loads on demand, follows the
 * control plane's changes, survives a restart without it. Thread-safe: read by any thread, changed
 * on one event loop, so that versions and the listeners' news keep their order.
 */
public final class EntitlementCache implements KeyDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(EntitlementCache.class);
  private static final Identity KEY_UNAVAILABLE =
      new Identity.Unavailable("Whose key it is cannot be found out right now; try again.");
  private static final Identity UNKNOWN = new Identity.Unknown("the API key is not known");

  /** A position is written to the copy at least so often, so that a restart resumes late. */
  private static final Duration POSITION_EVERY = Duration.ofSeconds(30);

  private static final Duration REFRESH_AGAIN = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Context home;
  private final CacheSettings settings;
  private final InstantSource clock;
  private final Holdings holdings;
  private final Strangers strangers;
  private final Lookups lookups;
  private final ChangeStream stream;
  private final CopyWriter copy;
  private final List<Consumer<Entitlements>> listeners = new CopyOnWriteArrayList<>();

  private volatile long sequence = -1;
  private volatile long heardAt;
  private volatile boolean closed;
  private Instant positionWritten = Instant.MIN;

  private EntitlementCache(
      Vertx vertx, ControlPlane controlPlane, CacheSettings settings, InstantSource clock) {
    this.vertx = vertx;
    this.home = vertx.getOrCreateContext();
    this.settings = settings;
    this.clock = clock;
    this.holdings = new Holdings(settings.tenants());
    this.strangers = new Strangers(settings);
    this.lookups = new Lookups(controlPlane, settings, clock);
    this.stream = new ChangeStream(vertx, home, controlPlane, clock, new Changes());
    this.copy = new CopyWriter(home, new DiskCopy(settings.copy()), holdings::all);
    this.heardAt = clock.millis();
  }

  /**
   * Reads the copy on disk and begins to follow the control plane. Needs no control plane to come
   * up. Reads a file: not to be called on an event loop that serves.
   *
   * @param vertx whose event loop does the work
   * @param controlPlane whom to ask
   * @param settings bounds and policies
   * @param clock the wall clock
   */
  public static EntitlementCache open(
      Vertx vertx, ControlPlane controlPlane, CacheSettings settings, InstantSource clock) {
    EntitlementCache cache = new EntitlementCache(vertx, controlPlane, settings, clock);
    cache.readCopy();
    cache.stream.start();
    return cache;
  }

  /** What the tenant may do; null where it must be loaded first. No I/O. */
  public @Nullable Entitlements get(String tenant) {
    return holdings.get(tenant);
  }

  /**
   * The same for a caller whose credential was known: without a look-up where it came from here.
   */
  public @Nullable Entitlements get(Identity.Known caller) {
    Entitlements held = caller.held().get();
    return held == null ? holdings.get(caller.tenant()) : held;
  }

  /**
   * What the tenant may do, asking the control plane where need be: one question per tenant at a
   * time, bounded in number and rate.
   *
   * @return null where there is no such tenant; fails where it cannot be told now
   */
  public Future<@Nullable Entitlements> load(String tenant) {
    Entitlements held = holdings.get(tenant);
    if (held != null) {
      return Future.succeededFuture(held);
    }
    if (strangers.has(tenant)) {
      return Future.succeededFuture(null);
    }
    return onCaller(lookups.tenant(tenant).compose(found -> onHome(() -> settle(tenant, found))));
  }

  @Override
  public @Nullable Identity find(ApiKey key) {
    Identity owner = holdings.owner(key);
    if (owner != null) {
      return owner;
    }
    return strangers.has(key) ? UNKNOWN : null;
  }

  @Override
  public Future<Identity> load(ApiKey key) {
    Identity held = find(key);
    if (held != null) {
      return Future.succeededFuture(held);
    }
    return onCaller(
        lookups
            .key(key)
            .compose(found -> onHome(() -> settle(key, found)))
            .otherwise(
                failure -> {
                  LOG.debug("a key cannot be looked up", failure);
                  return KEY_UNAVAILABLE;
                }));
  }

  /** Whether what is known may be relied on; cheap enough to ask at every call. */
  public Trust trust() {
    Staleness staleness = settings.staleness();
    if (clock.millis() - heardAt <= staleness.after().toMillis()) {
      return Trust.HOLDS;
    }
    return switch (staleness.policy()) {
      case LAST_KNOWN -> Trust.HOLDS;
      case OPEN -> Trust.OPEN;
      case CLOSED -> Trust.CLOSED;
    };
  }

  /** How long ago the control plane was last heard of; since the start if it never was. */
  public Duration staleness() {
    return Duration.ofMillis(Math.max(0, clock.millis() - heardAt));
  }

  /** Tells the listener of every new version of a tenant, in order per tenant, on one thread. */
  public void onChange(Consumer<Entitlements> listener) {
    listeners.add(listener);
  }

  /** Figures for metrics. */
  public CacheStatus status() {
    return new CacheStatus(
        holdings.size(),
        holdings.keyCount(),
        strangers.keys(),
        strangers.tenants(),
        sequence,
        stream.connected(),
        staleness(),
        lookups.asked(),
        lookups.refused(),
        lookups.failed(),
        copy.failures());
  }

  /** Stops following and completes the copy on disk. */
  public Future<Void> close() {
    closed = true;
    stream.close();
    return onHome(
            () -> {
              copy.add(sequence, Instant.ofEpochMilli(heardAt), null);
              return true;
            })
        .compose(ignored -> copy.close());
  }

  private void readCopy() {
    try {
      DiskCopy.Content content = new DiskCopy(settings.copy()).read();
      content.tenants().forEach(holdings::install);
      sequence = content.sequence();
      Instant heard = content.heardAt();
      if (heard != null) {
        heardAt = Math.min(clock.millis(), heard.toEpochMilli());
      }
    } catch (IOException e) {
      LOG.error("the entitlements' copy on disk cannot be read; starting without it", e);
    }
  }

  private @Nullable Entitlements settle(@Nullable Entitlements found) {
    if (found == null) {
      return null;
    }
    install(found);
    if (strangers.isOutdated(found)) {
      refresh(found.tenant());
    }
    Entitlements held = holdings.get(found.tenant());
    return held == null ? found : held;
  }

  private @Nullable Entitlements settle(String tenant, @Nullable Entitlements found) {
    if (found == null) {
      strangers.add(tenant);
    }
    return settle(found);
  }

  private Identity settle(ApiKey key, @Nullable Entitlements found) {
    if (found != null) {
      settle(found);
    }
    Identity owner = holdings.owner(key);
    if (owner == null) {
      strangers.add(key);
      return UNKNOWN;
    }
    return owner;
  }

  private void install(Entitlements state) {
    strangers.known(state);
    if (!holdings.install(state)) {
      return;
    }
    copy.add(sequence, Instant.ofEpochMilli(heardAt), state);
    for (Consumer<Entitlements> listener : listeners) {
      try {
        listener.accept(state);
      } catch (RuntimeException e) {
        LOG.error("a listener failed on tenant {} version {}", state.tenant(), state.version(), e);
      }
    }
  }

  private void forget() {
    holdings.all().forEach(state -> holdings.drop(state.tenant()));
    strangers.forget();
    copy.startAnew();
  }

  /** Fetches a held tenant anew; one that is gone is dropped. */
  private void refresh(String tenant) {
    lookups
        .refresh(tenant)
        .compose(
            found ->
                onHome(
                    () -> {
                      if (found == null) {
                        holdings.drop(tenant);
                      } else {
                        install(found);
                      }
                      return true;
                    }))
        .onFailure(
            e -> {
              LOG.warn("tenant {} cannot be fetched anew yet: {}", tenant, e.toString());
              vertx.setTimer(REFRESH_AGAIN.toMillis(), timer -> refreshIfHeld(tenant));
            });
  }

  private void refreshAll() {
    strangers.askAgain();
    holdings.all().forEach(state -> refresh(state.tenant()));
  }

  private void refreshIfHeld(String tenant) {
    if (!closed && holdings.holds(tenant)) {
      refresh(tenant);
    }
  }

  /** Brings an answer back to the event loop that asked. */
  private static <T extends @Nullable Object> Future<T> onCaller(Future<T> answer) {
    Context caller = Vertx.currentContext();
    if (caller == null) {
      return answer;
    }
    Promise<T> there = Promise.promise();
    answer.onComplete(
        (value, failure) ->
            caller.runOnContext(
                ignored -> {
                  if (failure == null) {
                    there.complete(value);
                  } else {
                    there.fail(failure);
                  }
                }));
    return there.future();
  }

  private <T extends @Nullable Object> Future<T> onHome(Supplier<T> work) {
    Promise<T> done = Promise.promise();
    home.runOnContext(
        ignored -> {
          try {
            done.complete(work.get());
          } catch (RuntimeException e) {
            done.fail(e);
          }
        });
    return done.future();
  }

  /** What the stream brings, on the home event loop. */
  private final class Changes implements ChangeStream.Follower {
    private long position = -1;

    @Override
    public OptionalLong sequence() {
      return sequence < 0 ? OptionalLong.empty() : OptionalLong.of(sequence);
    }

    @Override
    public void heard() {
      Instant now = clock.instant();
      heardAt = now.toEpochMilli();
      if (positionWritten.plus(POSITION_EVERY).isBefore(now)) {
        positionWritten = now;
        copy.add(sequence, now, null);
      }
    }

    @Override
    public void position(long at) {
      position = at;
      if (at < sequence) {
        LOG.error(
            "the control plane stands at change {}, before {}: it is another one, or was restored"
                + " from a backup; everything known of tenants is forgotten",
            at,
            sequence);
        forget();
        sequence = at;
      }
      // With "after" the stream still has to bring what lies between; each change moves on.
      if (sequence < 0) {
        sequence = at;
        refreshAll(); // what was asked before the stream stood here may have changed by then
      }
    }

    @Override
    public void change(EntitlementsChange change) {
      Entitlements state = change.entitlements();
      sequence = Math.max(sequence, change.sequence());
      if (holdings.holds(state.tenant())) {
        install(state);
        return;
      }
      strangers.passed(state);
    }

    @Override
    public void reset() {
      LOG.warn("changes were missed: {} tenants are fetched anew", holdings.size());
      sequence = position;
      refreshAll();
    }
  }
}
