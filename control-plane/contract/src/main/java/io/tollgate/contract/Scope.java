package io.tollgate.contract;

import java.util.Objects;

/**
 * Whose calls share one counter of a limit.
 *
 * @param kind the scope's kind
 * @param name the route group or feature; empty for {@link Kind#TENANT} and {@link Kind#KEY}
 */
public record Scope(Kind kind, String name) {
  /** The kinds of scope. */
  public enum Kind {
    /** One counter for the tenant. */
    TENANT,
    /** One counter for each of the tenant's API keys. */
    KEY,
    /** One counter for the tenant's calls to the named route group. */
    ROUTE_GROUP,
    /** One counter for the tenant's calls that need the named feature. */
    FEATURE
  }

  /** The whole tenant: what a limit has when nothing else is said. */
  public static final Scope TENANT = new Scope(Kind.TENANT, "");

  public Scope {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    boolean named = kind == Kind.ROUTE_GROUP || kind == Kind.FEATURE;
    if (named == name.isEmpty()) {
      throw new IllegalArgumentException(
          "scope " + kind + (named ? " needs a name" : " has no name"));
    }
  }
}
