package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.ClusterSettings;
import io.tollgate.proxy.config.ClusterSettings.Role;
import io.tollgate.proxy.config.ControlPlaneSettings;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Enforcement;
import io.tollgate.proxy.config.Engine;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.Overrides;
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
  private static final String A_NAME =
      "a name of letters, digits, '.', '_' and '-', at most 63, a letter or digit first";
  private static final Pattern FIELD_VALUE = Pattern.compile("[!-~]([ -~]*[!-~])?");
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Whom a dedicated member of the limit cluster asks, which asks nobody. */
  private static final ControlPlaneSettings NOBODY =
      new ControlPlaneSettings(
          URI.create("http://127.0.0.1"), new Secret("none"), Duration.ofSeconds(5), MOMENT);

  private ProxyFile() {}

  /**
   * Reads and checks a file.
   *
   * @param overrides what the command line says instead
   * @throws io.tollgate.yaml.YamlException naming file, line, key and what is allowed
   */
  public static ProxySettings read(Path file, Overrides overrides) {
    return settings(YamlFile.read(file), overrides, false);
  }

  /**
   * Reads and checks the file of a dedicated member of the limit cluster, which needs neither
   * upstreams nor a control plane; what is there is checked all the same.
   *
   * @param overrides what the command line says instead
   * @throws io.tollgate.yaml.YamlException naming file, line, key and what is allowed
   */
  public static ProxySettings readMember(Path file, Overrides overrides) {
    return settings(YamlFile.read(file), overrides, true);
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
    return settings(YamlFile.parse(name, text, environment), Overrides.NONE, false);
  }

  /** The same of a dedicated member's text. */
  static ProxySettings parseMember(String name, String text, Map<String, String> environment) {
    return settings(YamlFile.parse(name, text, environment), Overrides.NONE, true);
  }

  private static ProxySettings settings(YamlMap root, Overrides overrides, boolean member) {
    String node = root.find("node").map(value -> name(value)).orElseGet(ProxyFile::hostName);
    Path data = root.find("data").map(ListenerKeys::path).orElse(Path.of("data/" + node));
    boolean alone = member && !root.has("upstreams");
    Map<String, UpstreamSettings> upstreams = alone ? Map.of() : UpstreamKeys.read(root);
    Listener listener = ListenerKeys.read(root.map("listener"));
    ProxySettings settings =
        overrides.apply(
            new ProxySettings(
                node,
                data,
                listener,
                endpoint(root.map("admin"), new Endpoint("127.0.0.1", 9000)),
                endpoint(root.map("letterbox"), new Endpoint("127.0.0.1", 9100)),
                member && !root.has("control-plane")
                    ? NOBODY
                    : controlPlane(root.map("control-plane")),
                cluster(root.map("cluster")),
                enforcement(root.map("limits")),
                IdentityKeys.read(root.map("identification"), listener),
                staleness(root.map("staleness")),
                UsageKeys.read(root.map("usage")),
                upstreams,
                alone ? new Routes(List.of()) : RouteKeys.read(root, upstreams),
                engine(root.map("engine")),
                TracingKeys.read(root.map("tracing"))));
    if (!member) {
      Ports.check(root, settings);
    }
    root.close();
    return settings;
  }

  private static ControlPlaneSettings controlPlane(YamlMap map) {
    YamlValue url = map.value("url");
    ControlPlaneSettings settings =
        new ControlPlaneSettings(
            baseUrl(url),
            secret(map.value("token")),
            duration(map, "timeout", Duration.ofSeconds(5)),
            duration(map, "ship", Duration.ofSeconds(1)));
    map.close();
    return settings;
  }

  /** A secret that a header field can carry (RFC 9110, section 5.5); it is not repeated. */
  static Secret secret(YamlValue value) {
    Secret secret = value.secret();
    if (!FIELD_VALUE.matcher(secret.reveal()).matches()) {
      throw value.mistake("what is found there is no text that a header field can carry");
    }
    return secret;
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
    if (!IdentityKeys.isWeb(url)) {
      throw value.mistake("a URL such as http://127.0.0.1:8080 is expected, not '" + text + "'");
    }
    boolean bare = List.of("", "/").contains(url.getRawPath());
    if (!bare || url.getRawQuery() != null || url.getRawFragment() != null) {
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
                map.find("host").map(AddressKeys::host).orElse("127.0.0.1"),
                map.find("port").map(value -> value.integer(1, 65_535)).orElse(5701)),
            AddressKeys.addresses(map.list("members")).stream().map(Endpoint::toString).toList());
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
            map.find("transports")
                .map(ProxyFile::transports)
                .orElse(List.of(Engine.Transport.values())),
            integer(map, "event-loops", 1, 1, 256),
            map.find("drain")
                .map(value -> value.duration(Duration.ZERO, DAY))
                .orElse(Duration.ofSeconds(20)),
            integer(map, "access-log", 0, 0, Integer.MAX_VALUE),
            map.find("access-log-refused").map(YamlValue::bool).orElse(false),
            map.find("via").map(YamlValue::bool).orElse(false));
    map.close();
    return settings;
  }

  private static List<Engine.Transport> transports(YamlValue value) {
    return some(value).stream().map(each -> each.oneOf(Engine.Transport.class)).toList();
  }

  /** The elements of a list that means nothing without any. */
  static List<YamlValue> some(YamlValue value) {
    List<YamlValue> elements = value.list();
    if (elements.isEmpty()) {
      throw value.mistake("at least one element is expected; leave the key out for its default");
    }
    return elements;
  }

  private static Endpoint endpoint(YamlMap map, Endpoint defaults) {
    Endpoint endpoint = AddressKeys.endpoint(map, defaults);
    map.close();
    return endpoint;
  }

  static String name(YamlValue value) {
    return value.text(NAME, A_NAME);
  }

  /** A key that names what stands below it. */
  static String name(YamlMap map, String key) {
    if (!NAME.matcher(key).matches()) {
      throw map.mistake(key, "'" + key + "' is not " + A_NAME);
    }
    return key;
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
