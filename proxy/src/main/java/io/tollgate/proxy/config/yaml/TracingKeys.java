package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.TracingSettings;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code tracing}. */
final class TracingKeys {
  private TracingKeys() {}

  static @Nullable TracingSettings read(YamlMap map) {
    if (!map.has("endpoint")) {
      map.find("endpoint");
      map.keys().stream().filter(map::has).findFirst().ifPresent(key -> refuse(map, key));
      return null;
    }
    TracingSettings settings =
        new TracingSettings(
            IdentityKeys.url(map.value("endpoint"), "http://127.0.0.1:4318/v1/traces"),
            ProxyFile.integer(map, "sample", 1, 1, 1_000_000),
            map.find("service").map(YamlValue::text).orElse("tollgate-proxy"),
            map.find("authorization").map(ProxyFile::secret).orElse(null));
    map.close();
    return settings;
  }

  private static void refuse(YamlMap map, String key) {
    throw map.mistake(key, "nothing is traced without 'endpoint'");
  }
}
