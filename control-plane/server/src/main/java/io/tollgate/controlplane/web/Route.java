package io.tollgate.controlplane.web;

import io.vertx.core.MultiMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A declared route. Changed while the program is put together only. */
public final class Route {
  private static final Pattern BRACES = Pattern.compile("\\{([A-Za-z0-9]+)}");

  private final String method;
  private final String path;
  private final Set<Role> roles;
  private final Routes.Work work;
  private Set<String> accepted = Set.of("application/json");
  private boolean open;
  private boolean looking;
  private final Set<String> queries = new TreeSet<>();

  Route(String method, String path, Set<Role> roles, Routes.Work work) {
    this.method = method;
    this.path = path;
    this.roles = roles;
    this.work = work;
  }

  /** Names the content types a body may have instead of {@code application/json}. Returns this. */
  public Route accepts(String... contentTypes) {
    accepted = Set.copyOf(Arrays.asList(contentTypes));
    return this;
  }

  /**
   * Lets anybody call without a token: a webhook that proves itself by its signature. Returns this.
   */
  public Route open() {
    open = true;
    return this;
  }

  /** Says that the handler writes nothing, though it is a POST for its body. Returns this. */
  public Route onlyLooks() {
    looking = true;
    return this;
  }

  /** Names query parameters that the route takes; any other is refused. Returns this. */
  public Route query(String... names) {
    queries.addAll(List.of(names));
    return this;
  }

  /** Says that the route answers page by page: {@code limit} and {@code cursor}. Returns this. */
  public Route paged() {
    return query("limit", "cursor");
  }

  /** The query parameters that the route takes, in order. */
  public Set<String> queries() {
    return Collections.unmodifiableSet(queries);
  }

  /**
   * Refuses what the route would overlook: a filter with a mistake in its name lists everything.
   *
   * @throws Problem 422 naming the parameter and those the route takes
   */
  void mustTake(MultiMap query) {
    for (String name : query.names()) {
      if (!queries.contains(name)) {
        throw Problem.invalid(
            name,
            "there is no such query parameter here; "
                + (queries.isEmpty() ? "none is taken" : queries + " are taken"));
      }
      if (query.getAll(name).size() > 1) {
        throw Problem.invalid(name, "this query parameter is given more than once");
      }
    }
  }

  /** The HTTP method. */
  public String method() {
    return method;
  }

  /** The path as OpenAPI writes it. */
  public String path() {
    return path;
  }

  /** Who may call. */
  public Set<Role> roles() {
    return roles;
  }

  /** Method and path, such as {@code GET /api/billing/plans}. */
  public String name() {
    return method + " " + path;
  }

  boolean isLooking() {
    return looking;
  }

  boolean isOpen() {
    return open;
  }

  Set<String> accepted() {
    return accepted;
  }

  Routes.Work work() {
    return work;
  }

  /** The path as Vert.x's router writes it. */
  String routerPath() {
    return BRACES.matcher(path).replaceAll(braces -> ":" + braces.group(1));
  }

  /** Whether a request's path is this route's, whatever its method. */
  boolean isAt(String requestPath) {
    Matcher braces = BRACES.matcher(path);
    return Pattern.matches(braces.replaceAll("[^/]+"), requestPath);
  }
}
