package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.Breaker;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Health;
import io.tollgate.proxy.config.Retries;
import io.tollgate.proxy.config.Timeouts;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.config.UpstreamTls;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys below {@code upstreams}. */
final class UpstreamKeys {
  private static final Pattern SERVER_NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

  private static final Pattern PATH = Pattern.compile("/[!-\"$-~]*");

  private UpstreamKeys() {}

  static Map<String, UpstreamSettings> read(YamlMap root) {
    YamlMap map = root.value("upstreams").map();
    Map<String, UpstreamSettings> upstreams = ProxyFile.ordered();
    for (String name : map.keys()) {
      upstreams.put(name, upstream(ProxyFile.name(map, name), map.value(name).map()));
    }
    map.close();
    if (upstreams.isEmpty()) {
      throw root.mistake("upstreams", "at least one upstream is expected");
    }
    return upstreams;
  }

  private static UpstreamSettings upstream(String name, YamlMap map) {
    YamlValue addresses = map.value("addresses");
    List<Endpoint> endpoints = AddressKeys.addresses(addresses.list());
    if (endpoints.isEmpty()) {
      throw addresses.mistake("at least one host:port is expected");
    }
    UpstreamSettings settings =
        new UpstreamSettings(
            name,
            endpoints,
            tls(map),
            map.find("protocol")
                .map(value -> value.oneOf(UpstreamSettings.Protocol.class))
                .orElse(UpstreamSettings.Protocol.AUTO),
            map.find("balance")
                .map(value -> value.oneOf(UpstreamSettings.Balance.class))
                .orElse(UpstreamSettings.Balance.LEAST_REQUESTS),
            new Timeouts(
                ProxyFile.duration(map, "connect-timeout", Timeouts.DEFAULT.connect()),
                ProxyFile.duration(map, "response-timeout", Timeouts.DEFAULT.response()),
                ProxyFile.duration(map, "idle-timeout", Timeouts.DEFAULT.idle())),
            ProxyFile.integer(map, "connections", 1024, 1, 65_535),
            ProxyFile.integer(map, "pending", 1024, 0, 1_000_000),
            ProxyFile.duration(map, "keep-alive", Duration.ofSeconds(30)),
            health(map.map("health")),
            breaker(map.map("breaker")),
            retries(map.map("retries")));
    map.close();
    return settings;
  }

  /** {@code true}, or a map that says more. */
  private static @Nullable UpstreamTls tls(YamlMap map) {
    YamlValue value = map.find("tls").orElse(null);
    if (value == null) {
      return null;
    }
    if (!value.isMap()) {
      return value.bool() ? UpstreamTls.DEFAULT : null;
    }
    YamlMap keys = value.map();
    if (keys.has("certificate") != keys.has("key")) {
      throw value.mistake("certificate and key are expected together");
    }
    UpstreamTls tls =
        new UpstreamTls(
            keys.find("authority").map(ListenerKeys::certificates).orElse(null),
            keys.find("server-name").map(UpstreamKeys::serverName).orElse(""),
            keys.find("verify").map(YamlValue::bool).orElse(true),
            keys.find("certificate").map(ListenerKeys::certificates).orElse(null),
            keys.find("key").map(ListenerKeys::path).orElse(null));
    Path certificate = tls.certificate();
    if (certificate != null) {
      ListenerKeys.checkKey(keys.value("key"), certificate);
    }
    if (!tls.verify() && tls.authority() != null) {
      throw keys.mistake("authority", "nobody asks it where 'verify' is false");
    }
    keys.close();
    return tls;
  }

  private static String serverName(YamlValue value) {
    return value.text(SERVER_NAME, "a host name such as api.example.org");
  }

  private static Health health(YamlMap map) {
    Health defaults = Health.DEFAULT;
    Health health =
        new Health(
            map.find("path").map(UpstreamKeys::path).orElse(defaults.path()),
            ProxyFile.duration(map, "interval", defaults.interval()),
            ProxyFile.integer(map, "failures", defaults.failures(), 1, 1000),
            ProxyFile.duration(map, "ejection", defaults.ejection()));
    if (health.path().isEmpty() && map.has("interval")) {
      throw map.mistake("interval", "nothing is asked without 'path', the path of the check");
    }
    map.close();
    return health;
  }

  private static Breaker breaker(YamlMap map) {
    Breaker defaults = Breaker.DEFAULT;
    Breaker breaker =
        new Breaker(
            ProxyFile.integer(map, "failure-percent", defaults.failurePercent(), 0, 100),
            ProxyFile.integer(map, "calls", defaults.calls(), 5, 10_000),
            ProxyFile.duration(map, "open-for", defaults.openFor()));
    map.close();
    return breaker;
  }

  private static Retries retries(YamlMap map) {
    Retries defaults = Retries.DEFAULT;
    Retries retries =
        new Retries(
            ProxyFile.integer(map, "percent", defaults.percent(), 0, 100),
            ProxyFile.integer(map, "per-second", defaults.perSecond(), 0, 10_000));
    map.close();
    return retries;
  }

  private static String path(YamlValue value) {
    return value.text(PATH, "a path: it begins with '/', and has escapes for what is not ASCII");
  }
}
