package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.tenant.ApiKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Questions to the control plane: each open only once, all of them bounded. Keys and tenants have
 * budgets of their own, so that a flood of made-up keys does not keep known tenants out. A null
 * answer means that there is no such key or tenant. Thread-safe.
 */
final class Lookups {
  private static final int REFRESHES_AT_ONCE = 8;

  private final ControlPlane controlPlane;
  private final InstantSource clock;
  private final LookupBudget forKeys;
  private final LookupBudget forTenants;
  private final ConcurrentMap<Object, Future<@Nullable Entitlements>> open =
      new ConcurrentHashMap<>();
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  private record Refresh(String tenant, Promise<@Nullable Entitlements> answer) {}

  private final Queue<Refresh> refreshes = new ArrayDeque<>();
  private int refreshing;

  Lookups(ControlPlane controlPlane, CacheSettings settings, InstantSource clock) {
    this.controlPlane = controlPlane;
    this.clock = clock;
    long now = clock.millis();
    forKeys = new LookupBudget(settings.lookupsPerSecond(), settings.lookupsAtOnce(), now);
    forTenants = new LookupBudget(settings.lookupsPerSecond(), settings.lookupsAtOnce(), now);
  }

  Future<@Nullable Entitlements> key(ApiKey key) {
    return once(key, forKeys, "/api/proxy/keys/" + key.sha256());
  }

  Future<@Nullable Entitlements> tenant(String tenant) {
    return once(tenant, forTenants, path(tenant));
  }

  /** As {@link #tenant}, but waits its turn instead of being refused. */
  Future<@Nullable Entitlements> refresh(String tenant) {
    Promise<@Nullable Entitlements> answer = Promise.promise();
    synchronized (refreshes) {
      if (refreshing >= REFRESHES_AT_ONCE) {
        refreshes.add(new Refresh(tenant, answer));
        return answer.future();
      }
      refreshing++;
    }
    run(new Refresh(tenant, answer));
    return answer.future();
  }

  long asked() {
    return asked.get();
  }

  long refused() {
    return refused.get();
  }

  long failed() {
    return failed.get();
  }

  private void run(Refresh refresh) {
    ask(path(refresh.tenant))
        .onComplete(
            (found, failure) -> {
              if (failure == null) {
                refresh.answer.complete(found);
              } else {
                refresh.answer.fail(failure);
              }
              Refresh next;
              synchronized (refreshes) {
                next = refreshes.poll();
                if (next == null) {
                  refreshing--;
                }
              }
              if (next != null) {
                run(next);
              }
            });
  }

  private Future<@Nullable Entitlements> once(Object what, LookupBudget budget, String path) {
    Future<@Nullable Entitlements> underWay = open.get(what);
    if (underWay != null) {
      return underWay;
    }
    Promise<@Nullable Entitlements> answer = Promise.promise();
    underWay = open.putIfAbsent(what, answer.future());
    if (underWay != null) {
      return underWay;
    }
    if (!budget.take(clock.millis())) {
      refused.incrementAndGet();
      open.remove(what);
      answer.fail("too many look-ups at once; try again in a moment");
      return answer.future();
    }
    ask(path)
        .onComplete(
            (found, failure) -> {
              budget.done(failure == null && found != null);
              open.remove(what);
              if (failure == null) {
                answer.complete(found);
              } else {
                answer.fail(failure);
              }
            });
    return answer.future();
  }

  private Future<@Nullable Entitlements> ask(String path) {
    asked.incrementAndGet();
    return controlPlane
        .get(path)
        .<@Nullable Entitlements>compose(Lookups::read)
        .onFailure(ignored -> failed.incrementAndGet());
  }

  private static Future<@Nullable Entitlements> read(ControlPlane.Answer answer) {
    return switch (answer.status()) {
      case 200 -> {
        try {
          yield Future.succeededFuture(Wire.read(answer.body().getBytes(), Entitlements.class));
        } catch (IOException e) {
          yield Future.failedFuture("the control plane's answer cannot be read");
        }
      }
      case 404 -> Future.succeededFuture(null);
      default -> Future.failedFuture("the control plane answered " + answer.status());
    };
  }

  private static String path(String tenant) {
    return "/api/proxy/tenants/" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
  }
}
