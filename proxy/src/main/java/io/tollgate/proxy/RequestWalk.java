package io.tollgate.proxy;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.caller.Callers;
import io.tollgate.proxy.decision.Decision;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.entitlement.Trust;
import io.tollgate.proxy.forward.ForwardListener.End;
import io.tollgate.proxy.forward.Forwarder;
import io.tollgate.proxy.forward.Forwarding;
import io.tollgate.proxy.forward.Problem;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.http.PreparedFields;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.route.CallHeaders;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.tenant.Identity;
import io.tollgate.proxy.upstream.UpstreamFailure;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request's way through the rooms, on one event loop:
 *
 * <ol>
 *   <li>{@code check}: one request in is never two requests out; nothing malformed walks further.
 *   <li>{@code route}: what the call is; every later room asks for it.
 *   <li>{@code tenant}: whose call it is; before entitlements, which are a tenant's.
 *   <li>{@code entitlement}: what the tenant may do, and whether that knowledge still holds.
 *   <li>{@code gate}: standing and feature; before limits, so that a refusal costs no unit.
 *   <li>{@code limit}: takes units from every limit, or from none; last before the upstream, so
 *       that nothing that happens here needs to be undone.
 *   <li>{@code forward}: the exchange itself.
 *   <li>{@code over}: metered when the upstream answered, given back when it did not.
 * </ol>
 *
 * <p>Each step calls the next. With a known key and enough leased units no step waits, and none
 * makes a future.
 */
final class RequestWalk implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestWalk.class);
  private static final int MOST_IDLE_PASSAGES = 1024;

  private final Rooms rooms;
  private final Callers callers;
  private final Forwarder forwarder;
  private final Executor executor;
  private final ArrayDeque<Passage> idle = new ArrayDeque<>();
  private final Refusals refusals;
  private final RunningCalls running;
  private final Settlement settlement;
  private RouteTable table;

  RequestWalk(
      Rooms rooms, RouteTable table, Callers callers, Forwarder forwarder, Executor executor) {
    this.rooms = rooms;
    this.refusals = new Refusals(rooms);
    this.running = new RunningCalls(rooms, refusals);
    this.settlement = new Settlement(rooms);
    this.callers = callers;
    this.table = table;
    this.forwarder = forwarder;
    this.executor = executor;
  }

  /** Swaps in newer routes; calls under way keep theirs. On the event loop. */
  void reroute(RouteTable newer) {
    table = newer;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (!callers.enter(request)) {
      return;
    }
    Passage free = idle.pollLast();
    Passage passage =
        (free == null ? new Passage(this, new HeldBody(callers, forwarder), executor) : free)
            .enter(request);
    int serial = passage.serial();
    try {
      check(passage);
    } catch (RuntimeException e) {
      broke(passage, serial, e);
    }
  }

  /** Goes on later, guarded in the same way. */
  private void later(Passage passage, Runnable step) {
    int serial = passage.serial();
    executor.execute(
        () -> {
          try {
            if (!isOver(passage)) {
              step.run();
            }
          } catch (RuntimeException e) {
            broke(passage, serial, e);
          }
        });
  }

  /** Whether there is nobody to go on for since somebody else was asked; then it is ended. */
  private boolean isOver(Passage passage) {
    boolean malformed = passage.body.isMalformed();
    if (!malformed && !passage.body.hasLeft() && !passage.request().response().closed()) {
      return false;
    }
    Verdict verdict = passage.verdict;
    if (verdict != null) {
      verdict.ticket().refund();
    }
    if (malformed) {
      endMalformed(passage);
    } else {
      leave(passage);
    }
    return true;
  }

  /** A caller gets an answer all the same, and what was taken for the call is given back. */
  private void broke(Passage passage, int serial, RuntimeException cause) {
    LOG.error("A call broke off here, by a mistake of the proxy's", cause);
    if (passage.serial() != serial || idle.contains(passage)) {
      return; // it is over, and may serve another call by now
    }
    Problem problem = Problem.of(500, "Internal error", "The proxy could not serve the call.");
    Forwarding forwarding = passage.forwarding;
    if (forwarding == null) {
      answer(passage, problem);
    } else {
      HttpServerRequest request = passage.request();
      forwarding.handle(new IllegalStateException(cause)); // not the caller's mistake
      if (!request.response().headWritten()) {
        forwarder.answer(request, problem);
      }
    }
  }

  private void check(Passage passage) {
    Problem malformed = rooms.check().check(passage.request());
    if (malformed == null) {
      route(passage);
      return;
    }
    rooms.metrics().malformed();
    passage.refusal = RequestCheck.reason(malformed);
    forwarder.refuse(passage.request(), malformed);
    ended(passage, malformed.status(), "refused");
  }

  private void route(Passage passage) {
    HttpServerRequest request = passage.request();
    MultiMap fields = request.headers();
    CallHeaders headers = fields::get;
    RouteTable current = table;
    Route route =
        current
            .routes()
            .match(
                request.method().name(),
                rooms.check().host(request),
                rooms.check().path(request),
                headers);
    RoutePlan plan = route == null ? null : current.plans().get(route);
    if (plan == null) {
      answer(passage, Problem.of(404, "No such route", "No route of the service matches."));
      return;
    }
    passage.planned(plan);
    tenant(passage);
  }

  private void tenant(Passage passage) {
    Identity now = table.tenants().resolveNow(passage.request());
    if (now != null) {
      identified(passage, now);
      return;
    }
    passage.hold();
    table
        .tenants()
        .resolve(passage.request())
        .onComplete(
            identity -> later(passage, () -> identified(passage, identity)),
            failure ->
                later(
                    passage,
                    () ->
                        identified(passage, new Identity.Unavailable("its tenant is not known"))));
  }

  private void identified(Passage passage, Identity identity) {
    switch (identity) {
      case Identity.Known known -> {
        passage.caller = known;
        entitlement(passage, known);
      }
      case Identity.Unknown unknown ->
          refuse(passage, rooms.decisions().unknownTenant(unknown.why()));
      case Identity.Unavailable unavailable ->
          refuse(passage, rooms.decisions().unavailable(unavailable.why()));
    }
  }

  private void entitlement(Passage passage, Identity.Known known) {
    Entitlements now = rooms.entitlements().get(known);
    if (now != null) {
      gate(passage, now);
      return;
    }
    passage.hold();
    rooms
        .entitlements()
        .load(known.tenant())
        .onComplete(
            loaded -> later(passage, () -> loaded(passage, loaded)),
            failure ->
                later(
                    passage,
                    () ->
                        refuse(
                            passage,
                            rooms
                                .decisions()
                                .unavailable("The tenant's plan is not known right now."))));
  }

  private void loaded(Passage passage, @Nullable Entitlements loaded) {
    if (loaded == null) {
      refuse(passage, rooms.decisions().unknownTenant("There is no such tenant."));
    } else {
      gate(passage, loaded);
    }
  }

  private void gate(Passage passage, Entitlements entitlements) {
    passage.entitlements = entitlements;
    CallMemo memo = passage.recall();
    Trust trust = rooms.entitlements().trust();
    Route route = passage.plan().route();
    switch (trust) {
      case CLOSED ->
          refuse(
              passage,
              rooms.decisions().unavailable("What the tenant may do is too long unheard of."));
      case OPEN -> forward(passage);
      case HOLDS -> {
        if (memo != null && memo.lets(entitlements)) {
          limit(passage, entitlements);
          return;
        }
        boolean write = route.writes(passage.request().method().name());
        switch (rooms.decisions().gate(entitlements, write, route.feature())) {
          case Refuse refuse -> refuse(passage, refuse);
          case Decision.Forward open -> limit(passage, entitlements);
        }
      }
    }
  }

  private void limit(Passage passage, Entitlements entitlements) {
    Identity.Known known = passage.caller;
    String keyId = known == null ? "" : known.keyId();
    int serial = passage.serial();
    CallMemo memo = passage.memo;
    rooms
        .limits()
        .admit(
            passage
                .call
                .prepare(entitlements, keyId, passage.plan().demand())
                .knowing(memo == null ? null : memo.limits()),
            passage);
    if (passage.serial() == serial && passage.verdict == null) {
      passage
          .hold(); // the cluster is asked; a passage decided at once may serve another call by now
    }
  }

  /** What the limits said, at once or after asking the cluster. */
  void decided(Passage passage, Verdict verdict) {
    int serial = passage.serial();
    passage.verdict = verdict;
    try {
      if (!isOver(passage)) {
        admitted(passage, verdict);
      }
    } catch (RuntimeException e) {
      broke(passage, serial, e);
    }
  }

  private void admitted(Passage passage, Verdict verdict) {
    switch (rooms.decisions().decide(verdict)) {
      case Refuse refuse -> refuse(passage, refuse);
      case Decision.Forward open -> {
        if (verdict.isOver()) {
          rooms.metrics().over(verdict);
        }
        forward(passage);
      }
    }
  }

  private void forward(Passage passage) {
    int credential = table.tenants().decidingPlace(passage.request());
    Forwarding forwarding = forwarder.prepare(passage.request(), passage.plan().route(), passage);
    passage.forwarding = forwarding;
    table.tenants().strip(credential, passage);
    rooms.report().forwarding(passage, forwarding);
    running.follow(passage, forwarding);
    Identity.Known known = passage.caller;
    Entitlements entitlements = passage.entitlements;
    if (known != null && entitlements != null) {
      CallMemo memo = passage.memo;
      PreparedFields told = memo == null ? null : memo.told(entitlements);
      forwarding.tell(told == null ? CallMemo.tell(known, entitlements) : told);
    }
    passage.body.end();
    forwarding.start();
    if (!forwarding.hasBody()) {
      passage.body.release();
    }
  }

  /** It was answered when that was seen. */
  private void endMalformed(Passage passage) {
    rooms.metrics().malformed();
    passage.refusal = "malformed";
    ended(passage, 400, End.MALFORMED.name());
  }

  /** Whose connection a request came on. */
  String callerAddress(HttpServerRequest request) {
    return callers.of(request.connection()).address();
  }

  /** Meters the exchanges that run, and cuts off those that may not go on. At an interval. */
  void tick() {
    running.tick();
  }

  /** Adds what is left of the limits to an answer. */
  void tellLimits(Passage passage, MultiMap fields) {
    refusals.tellLimits(passage, fields);
  }

  /** The exchange is over: counted when it is billed, given back when the upstream failed. */
  void over(Passage passage, End end, @Nullable UpstreamFailure failure) {
    settlement.settle(passage, end);
    running.over(passage);
    if (end == End.MALFORMED) {
      rooms.metrics().malformed();
    }
    ended(passage, passage.status(), failure == null ? end.name() : failure.label());
  }

  private void refuse(Passage passage, Refuse refuse) {
    answer(passage, refusals.problem(passage, refuse));
  }

  private void answer(Passage passage, Problem problem) {
    Verdict verdict = passage.verdict;
    if (verdict != null) {
      verdict.ticket().refund(); // holds nothing; says that nobody will use it
    }
    forwarder.answer(passage.request(), problem);
    passage.body.release();
    ended(passage, problem.status(), "refused");
  }

  private void ended(Passage passage, int status, String how) {
    long nanos = System.nanoTime() - passage.began;
    if (passage.isRouted()) {
      passage.plan().metrics().ended(status, nanos);
    }
    rooms.report().ended(passage, status, how, nanos);
    leave(passage);
  }

  private void leave(Passage passage) {
    passage.body.end();
    callers.leave(passage.request());
    if (idle.size() < MOST_IDLE_PASSAGES) {
      idle.addLast(passage);
    }
  }
}
