package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.ClusterSettings;
import io.tollgate.proxy.config.ClusterSettings.Role;
import io.tollgate.proxy.config.ControlPlaneSettings;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Enforcement;
import io.tollgate.proxy.config.Engine;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.Staleness;
import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.route.Routes;
import io.tollgate.yaml.Secret;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the proxy's configuration file. Every key, its unit, default and range stand in
 * proxy/README.md. Stateless and thread-safe.
 */
public final class ProxyFile {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Whom a dedicated member of the limit cluster asks, which asks nobody. */
  private static final ControlPlaneSettings NOBODY =
      new ControlPlaneSettings(
          URI.create("http://127.0.0.1"), new Secret("none"), Duration.ofSeconds(5), MOMENT);

  private record Port(String key, Endpoint endpoint) {}

  private ProxyFile() {}

  /**
   * Reads and checks a file.
   *
   * @throws io.tollgate.yaml.YamlException naming file, line, key and what is allowed
   */
  public static ProxySettings read(Path file) {
    return settings(YamlFile.read(file), false);
  }

  /**
   * Reads and checks the file of a dedicated member of the limit cluster, which needs neither
   * upstreams nor a control plane; what is there is checked all the same.
   *
   * @throws io.tollgate.yaml.YamlException naming file, line, key and what is allowed
   */
  public static ProxySettings readMember(Path file) {
    return settings(YamlFile.read(file), true);
  }

  /**
   * Reads and checks a text.
   *
   * @param name what messages call it
   * @param text YAML 1.2
   * @param environment where {@code {env: NAME}} is looked up
   * @throws io.tollgate.yaml.YamlException naming line, key and what is allowed
   */
  public static ProxySettings parse(String name, String text, Map<String, String> environment) {
    return settings(YamlFile.parse(name, text, environment), false);
  }

  /** The same of a dedicated member's text. */
  static ProxySettings parseMember(String name, String text, Map<String, String> environment) {
    return settings(YamlFile.parse(name, text, environment), true);
  }

  private static ProxySettings settings(YamlMap root, boolean member) {
    String node = root.find("node").map(value -> name(value)).orElseGet(ProxyFile::hostName);
    Path data = Path.of(root.find("data").map(YamlValue::text).orElse("data/" + node));
    boolean alone = member && !root.has("upstreams");
    Map<String, UpstreamSettings> upstreams = alone ? Map.of() : UpstreamKeys.read(root);
    Listener listener = ListenerKeys.read(root.map("listener"));
    ProxySettings settings =
        new ProxySettings(
            node,
            data,
            listener,
            endpoint(root.map("admin"), new Endpoint("127.0.0.1", 9000)),
            endpoint(root.map("letterbox"), new Endpoint("127.0.0.1", 9100)),
            member && !root.has("control-plane") ? NOBODY : controlPlane(root.map("control-plane")),
            cluster(root.map("cluster")),
            enforcement(root.map("limits")),
            IdentityKeys.read(root.map("identification"), listener.asksForCertificates()),
            staleness(root.map("staleness")),
            UsageKeys.read(root.map("usage")),
            upstreams,
            alone ? new Routes(List.of()) : RouteKeys.read(root, upstreams),
            engine(root.map("engine")),
            TracingKeys.read(root.map("tracing")));
    if (!member) {
      checkPorts(root, settings);
    }
    root.close();
    return settings;
  }

  /** Each of them would be taken already when the second is opened. */
  private static void checkPorts(YamlMap root, ProxySettings settings) {
    List<Port> ports = new ArrayList<>();
    ports.add(new Port("listener", settings.listener().endpoint()));
    ports.add(new Port("admin", settings.admin()));
    ports.add(new Port("letterbox", settings.letterbox()));
    if (settings.cluster().role() == Role.MEMBER) {
      ports.add(new Port("cluster", settings.cluster().endpoint()));
    }
    for (int i = 1; i < ports.size(); i++) {
      for (Port other : ports.subList(0, i)) {
        checkPorts(root, other, ports.get(i));
      }
    }
  }

  private static void checkPorts(YamlMap root, Port one, Port other) {
    if (one.endpoint().overlaps(other.endpoint())) {
      String key = root.has(other.key()) ? other.key() : one.key();
      String both = one.key() + ".port and " + other.key() + ".port are both ";
      throw root.mistake(key, both + one.endpoint().port() + ": each needs its own");
    }
  }

  private static ControlPlaneSettings controlPlane(YamlMap map) {
    YamlValue url = map.value("url");
    ControlPlaneSettings settings =
        new ControlPlaneSettings(
            baseUrl(url),
            map.value("token").secret(),
            duration(map, "timeout", Duration.ofSeconds(5)),
            duration(map, "ship", Duration.ofSeconds(1)));
    map.close();
    return settings;
  }

  private static URI baseUrl(YamlValue value) {
    String text = value.text();
    URI url;
    try {
      url = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw value.mistake("'" + IdentityKeys.withoutUser(text) + "' is no URL");
    }
    if (url.getRawUserInfo() != null) {
      throw value.mistake("a URL without a user and a password is expected: 'token' is the secret");
    }
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!web || url.getHost() == null) {
      throw value.mistake("a URL such as http://127.0.0.1:8080 is expected, not '" + text + "'");
    }
    if (!List.of("", "/").contains(url.getRawPath()) || url.getRawQuery() != null) {
      throw value.mistake("the base URL has no path and no query; '" + text + "' has");
    }
    return url;
  }

  private static ClusterSettings cluster(YamlMap map) {
    Role role = map.find("role").map(value -> value.oneOf(Role.class)).orElse(Role.MEMBER);
    ClusterSettings settings =
        new ClusterSettings(
            role,
            map.find("name").map(value -> name(value)).orElse("tollgate"),
            new Endpoint(
                map.find("host").map(YamlValue::text).orElse("127.0.0.1"),
                map.find("port").map(value -> value.integer(1, 65_535)).orElse(5701)),
            map.list("members").stream().map(value -> address(value).toString()).toList());
    if (role == Role.CLIENT && settings.members().isEmpty()) {
      throw map.mistake("a client needs cluster.members: the host:port of members to connect to");
    }
    map.close();
    return settings;
  }

  private static Enforcement enforcement(YamlMap map) {
    Enforcement defaults = Enforcement.DEFAULT;
    Enforcement enforcement =
        new Enforcement(
            duration(map, "answer-within", defaults.answerWithin(), 10, 10_000),
            map.find("store-down")
                .map(value -> value.oneOf(Enforcement.StoreDown.class))
                .orElse(defaults.storeDown()),
            duration(map, "lease-for", defaults.leaseFor(), 50, 2_000),
            duration(map, "lease-ttl", defaults.leaseTtl(), 1_000, 60_000),
            duration(map, "call-timeout", defaults.callTimeout(), 100, 10_000),
            status(map, "blocked-status", defaults.blockedStatus(), List.of(402, 403)),
            status(map, "quota-status", defaults.quotaStatus(), List.of(402, 403, 429)));
    map.close();
    return enforcement;
  }

  private static int status(YamlMap map, String key, int defaultValue, List<Integer> allowed) {
    return map.find(key)
        .map(
            value -> {
              int status = value.integer(400, 599);
              if (!allowed.contains(status)) {
                throw value.mistake("one of " + allowed + " is expected, not " + status);
              }
              return status;
            })
        .orElse(defaultValue);
  }

  private static Duration duration(
      YamlMap map, String key, Duration defaultValue, long leastMillis, long mostMillis) {
    return map.find(key)
        .map(value -> value.duration(Duration.ofMillis(leastMillis), Duration.ofMillis(mostMillis)))
        .orElse(defaultValue);
  }

  private static Staleness staleness(YamlMap map) {
    Staleness settings =
        new Staleness(
            map.find("after")
                .map(value -> value.duration(Duration.ofSeconds(1), Duration.ofDays(366)))
                .orElse(Staleness.DEFAULT.after()),
            map.find("policy")
                .map(value -> value.oneOf(Staleness.Policy.class))
                .orElse(Staleness.DEFAULT.policy()));
    map.close();
    return settings;
  }

  private static Engine engine(YamlMap map) {
    Engine settings =
        new Engine(
            map.has("transports")
                ? map.list("transports").stream()
                    .map(value -> value.oneOf(Engine.Transport.class))
                    .toList()
                : List.of(Engine.Transport.values()),
            integer(map, "event-loops", 1, 1, 256),
            map.find("drain")
                .map(value -> value.duration(Duration.ZERO, DAY))
                .orElse(Duration.ofSeconds(20)),
            integer(map, "access-log", 0, 0, Integer.MAX_VALUE),
            map.find("access-log-refused").map(YamlValue::bool).orElse(false),
            map.find("via").map(YamlValue::bool).orElse(false));
    map.find("transports"); // asked for above, also where it is null
    map.close();
    return settings;
  }

  static Endpoint endpoint(YamlMap map, Endpoint defaults) {
    Endpoint endpoint =
        new Endpoint(
            map.find("host").map(YamlValue::text).orElse(defaults.host()),
            map.find("port").map(YamlValue::port).orElse(defaults.port()));
    map.close();
    return endpoint;
  }

  /** {@code host:port}, IPv6 addresses in brackets. */
  static Endpoint address(YamlValue value) {
    String text = value.text();
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1));
      if (port < 1 || host.isEmpty()) {
        throw value.mistake("host:port is expected, not '" + text + "'");
      }
      return new Endpoint(host, port);
    } catch (IllegalArgumentException e) {
      throw value.mistake("host:port is expected, not '" + text + "'");
    }
  }

  static String name(YamlValue value) {
    return value.text(
        NAME, "a name of letters, digits, '.', '_' and '-', at most 63, a letter or digit first");
  }

  static Duration duration(YamlMap map, String key, Duration defaultValue) {
    return map.find(key).map(value -> value.duration(MOMENT, DAY)).orElse(defaultValue);
  }

  static int integer(YamlMap map, String key, int defaultValue, int least, int most) {
    return map.find(key).map(value -> value.integer(least, most)).orElse(defaultValue);
  }

  static <V> Map<String, V> ordered() {
    return new LinkedHashMap<>();
  }

  private static String hostName() {
    String host = System.getenv("HOSTNAME");
    String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
    return NAME.matcher(name).matches() ? name : "proxy";
  }
}
