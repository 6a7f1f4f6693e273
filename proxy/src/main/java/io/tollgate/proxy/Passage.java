package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.admin.Trace;
import io.tollgate.proxy.forward.ForwardListener;
import io.tollgate.proxy.forward.Forwarding;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.meter.Exchange;
import io.tollgate.proxy.meter.Metering;
import io.tollgate.proxy.tenant.Identity;
import io.tollgate.proxy.tenant.Outgoing;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One request while it walks. Kept and reused by its {@link RequestWalk}, so that a call costs no
 * new object here; valid from {@link #enter} to the walk's {@code leave}.
 */
final class Passage implements Continuation, ForwardListener, Exchange, Outgoing {
  final Call call;
  final HeldBody body;
  private final RequestWalk walk;
  private @Nullable HttpServerRequest request;
  private @Nullable RoutePlan plan;
  Identity.@Nullable Known caller;
  @Nullable Entitlements entitlements;
  @Nullable Verdict verdict;
  @Nullable Forwarding forwarding;
  @Nullable Metering metering;
  @Nullable Trace trace;

  /** What an earlier call left for this one. */
  @Nullable CallMemo memo;

  /** Read for its own sake. */
  long fetched;

  /** Why the call was refused; empty where it was not. */
  String refusal = "";

  /** By which the refusal can be explained; empty where it cannot. */
  String denial = "";

  long began;
  boolean answered;
  private int serial;

  Passage(RequestWalk walk, HeldBody body, Executor executor) {
    this.walk = walk;
    this.body = body;
    this.call = new Call(executor, this::isRunning);
  }

  Passage enter(HttpServerRequest entering) {
    request = entering;
    plan = null;
    caller = null;
    entitlements = null;
    verdict = null;
    forwarding = null;
    metering = null;
    trace = null;
    memo = null;
    refusal = "";
    denial = "";
    answered = false;
    body.reset();
    serial++;
    began = System.nanoTime();
    return this;
  }

  HttpServerRequest request() {
    HttpServerRequest entered = request;
    if (entered == null) {
      throw new IllegalStateException("nothing walks here");
    }
    return entered;
  }

  /** Keeps the request's body back while somebody else is asked. */
  void hold() {
    body.hold(request());
  }

  /** Whether its exchange goes on, so that its permits stay its own. */
  private boolean isRunning() {
    Forwarding exchange = forwarding;
    return exchange != null && exchange.isRunning();
  }

  /** The address of its caller's connection. */
  String callerAddress() {
    return walk.callerAddress(request());
  }

  /** Which call this is of those the passage has served. */
  int serial() {
    return serial;
  }

  void planned(RoutePlan routed) {
    plan = routed;
  }

  RoutePlan plan() {
    RoutePlan routed = plan;
    if (routed == null) {
      throw new IllegalStateException("no route yet");
    }
    return routed;
  }

  /** What an earlier call left for this one, if one did; it is at hand from now on. */
  @Nullable CallMemo recall() {
    Identity.Known known = caller;
    CallMemo left = known == null ? null : CallMemo.of(known, plan());
    if (left != null) {
      fetched += left.fetch();
    }
    memo = left;
    return left;
  }

  /** Whether the route is known. */
  boolean isRouted() {
    return plan != null;
  }

  @Override
  public void decided(Verdict decided) {
    walk.decided(this, decided);
  }

  @Override
  public void onAnswer(int status, MultiMap fields) {
    answered = true;
    if (metering != null) {
      metering.onAnswer(this);
    }
    walk.tellLimits(this, fields);
  }

  @Override
  public void onNoAnswer(UpstreamFailure failure, MultiMap fields) {
    walk.tellLimits(this, fields);
  }

  @Override
  public void onOver(End end, @Nullable UpstreamFailure failure) {
    walk.over(this, end, failure);
  }

  @Override
  public void removeField(CharSequence name) {
    if (forwarding != null) {
      forwarding.remove(name);
    }
  }

  @Override
  public void removeParameter(String name) {
    if (forwarding != null) {
      forwarding.removeQuery(name);
    }
  }

  @Override
  public int status() {
    return forwarding == null ? 0 : forwarding.status();
  }

  @Override
  public String protocol() {
    return forwarding == null ? "" : forwarding.protocol();
  }

  @Override
  public boolean answered() {
    return answered;
  }

  @Override
  public long requestBytes() {
    return forwarding == null ? 0 : forwarding.requestBytes();
  }

  @Override
  public long responseBytes() {
    return forwarding == null ? 0 : forwarding.responseBytes();
  }

  @Override
  public long elapsedMillis() {
    return (System.nanoTime() - began) / 1_000_000;
  }

  @Override
  public @Nullable String responseField(CharSequence name) {
    return forwarding == null ? null : forwarding.responseField(name);
  }
}
