package io.tollgate.proxy.config;

import java.util.List;

/**
 * Where the caller's API key is looked for, in this order: each header, Authorization, each query
 * parameter. The first place that holds anything decides.
 *
 * @param apiKeyHeaders header fields whose whole value is a key
 * @param authorization whether {@code Authorization: Bearer KEY}, {@code Authorization: ApiKey KEY}
 *     and the user of {@code Authorization: Basic} are read
 * @param queryParameters query parameters whose value is a key; keys in URLs end up in logs, so
 *     there are none by default
 * @param strip whether the field that carried the key is removed before the call goes upstream
 * @param anonymousTenant the tenant calls without any credential belong to; empty refuses them
 * @param cacheSize most keys kept in memory, known and unknown alike
 */
public record Identification(
    List<String> apiKeyHeaders,
    boolean authorization,
    List<String> queryParameters,
    boolean strip,
    String anonymousTenant,
    int cacheSize) {
  /** X-Api-Key, then Authorization; stripped; nobody is anonymous; 100,000 keys. */
  public static final Identification DEFAULT =
      new Identification(List.of("X-Api-Key"), true, List.of(), true, "", 100_000);

  public Identification {
    apiKeyHeaders = List.copyOf(apiKeyHeaders);
    queryParameters = List.copyOf(queryParameters);
  }
}
