package io.tollgate.controlplane.web;

import java.util.Arrays;
import java.util.Set;
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
