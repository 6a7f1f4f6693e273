package io.tollgate.proxy.config;

import io.tollgate.yaml.Secret;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where spans go.
 *
 * @param endpoint where they are posted, by OTLP over HTTP as JSON
 * @param sample one in so many calls that come without a trace begins a sampled one; those that
 *     come with a trace go by what it says
 * @param service the service's name in the spans
 * @param authorization value of the Authorization field of each post; null for none
 */
public record TracingSettings(
    URI endpoint, int sample, String service, @Nullable Secret authorization) {
  static @Nullable TracingSettings read(YamlMap map) {
    if (!map.has("endpoint")) {
      map.find("endpoint");
      map.close();
      return null;
    }
    TracingSettings settings =
        new TracingSettings(
            IdentityKeys.url(map.value("endpoint"), "http://127.0.0.1:4318/v1/traces"),
            ProxyFile.integer(map, "sample", 1, 1, 1_000_000),
            map.find("service").map(YamlValue::text).orElse("tollgate-proxy"),
            map.find("authorization").map(YamlValue::secret).orElse(null));
    map.close();
    return settings;
  }
}
