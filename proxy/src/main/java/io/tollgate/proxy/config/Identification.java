package io.tollgate.proxy.config;

import java.util.List;

/**
 * How it is found out whose a call is.
 *
 * @param sources where it says so, in the order in which they are asked; the first that holds
 *     anything decides
 * @param anonymousTenant the tenant that calls without any credential belong to; empty refuses them
 * @param cacheSize most keys, tokens and tenants kept in memory, of each kind
 */
public record Identification(List<IdentitySource> sources, String anonymousTenant, int cacheSize) {
  /** API keys in X-Api-Key, then Authorization; stripped. */
  public static final IdentitySource.Keys API_KEY =
      new IdentitySource.Keys(List.of("X-Api-Key"), true, List.of(), true);

  /** API keys; nobody is anonymous; 100,000 of them. */
  public static final Identification DEFAULT = new Identification(List.of(API_KEY), "", 100_000);

  public Identification {
    sources = List.copyOf(sources);
  }
}
