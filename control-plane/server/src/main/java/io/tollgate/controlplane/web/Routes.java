package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Where the rooms declare what can be called. A path is written as in OpenAPI: {@code
 * /api/billing/invoices/{id}}. Each route must stand in {@code openapi.yaml}; a test compares.
 *
 * <p>The common handlers run in one transaction, whose scope is the caller's (a tenant's token sees
 * its rows only), which commits when the handler returns and rolls back when it throws. A POST with
 * an {@code Idempotency-Key} stores its reply in that same transaction. Handlers run on virtual
 * threads and may block.
 */
public final class Routes {
  private final List<Route> routes = new ArrayList<>();

  /** Answers a call in a transaction. */
  @FunctionalInterface
  public interface Handler {
    /** Answers; throws {@link Problem} for anything but success. */
    Reply handle(Call call, Transaction tx);
  }

  /** Answers a call that needs several transactions or talks to others meanwhile. */
  @FunctionalInterface
  public interface DirectHandler {
    /** Answers; throws {@link Problem} for anything but success. */
    Reply handle(Call call);
  }

  /** Answers with a stream of events that ends when this returns or the caller leaves. */
  @FunctionalInterface
  public interface StreamHandler {
    /** Sends events until {@link EventStream#isClosed}. */
    void handle(Call call, EventStream stream);
  }

  /** Answers with a body of any length, sent as it is made. */
  @FunctionalInterface
  public interface DownloadHandler {
    /** Sends the body; throws {@link Problem} before it begins to refuse. */
    void handle(Call call, Download download);
  }

  /** How a route answers. */
  sealed interface Work {
    record Transactional(Handler handler) implements Work {}

    record Direct(DirectHandler handler) implements Work {}

    record Streaming(StreamHandler handler) implements Work {}

    record Downloading(DownloadHandler handler) implements Work {}
  }

  /**
   * Declares a GET, which must not change anything.
   *
   * @param roles who may call
   */
  public Route get(String path, Set<Role> roles, Handler handler) {
    return add("GET", path, roles, new Work.Transactional(handler));
  }

  /** Declares a POST. */
  public Route post(String path, Set<Role> roles, Handler handler) {
    return add("POST", path, roles, new Work.Transactional(handler));
  }

  /**
   * Declares a POST that opens its own transactions. Its reply is stored after it returns, so the
   * work itself must bear being done again after a crash.
   */
  public Route postDirect(String path, Set<Role> roles, DirectHandler handler) {
    return add("POST", path, roles, new Work.Direct(handler));
  }

  /** Declares a PUT. */
  public Route put(String path, Set<Role> roles, Handler handler) {
    return add("PUT", path, roles, new Work.Transactional(handler));
  }

  /** Declares a PATCH. */
  public Route patch(String path, Set<Role> roles, Handler handler) {
    return add("PATCH", path, roles, new Work.Transactional(handler));
  }

  /** Declares a DELETE. */
  public Route delete(String path, Set<Role> roles, Handler handler) {
    return add("DELETE", path, roles, new Work.Transactional(handler));
  }

  /** Declares a GET that answers with server-sent events. */
  public Route stream(String path, Set<Role> roles, StreamHandler handler) {
    return add("GET", path, roles, new Work.Streaming(handler));
  }

  /** Declares a GET that answers with a body of any length. */
  public Route download(String path, Set<Role> roles, DownloadHandler handler) {
    return add("GET", path, roles, new Work.Downloading(handler));
  }

  private Route add(String method, String path, Set<Role> roles, Work work) {
    Route route = new Route(method, path, roles, work);
    if (routes.stream().anyMatch(other -> other.name().equals(route.name()))) {
      throw new IllegalStateException("two rooms declare " + route.name());
    }
    routes.add(route);
    return route;
  }

  /**
   * All declared routes, in the order in which a request is held against them: one whose path ends
   * in a parameter would take what {@code /{id}.pdf} is for, and comes after those that do not.
   */
  public List<Route> all() {
    return routes.stream()
        .sorted(Comparator.comparing(route -> route.path().endsWith("}")))
        .toList();
  }
}
