package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.Identification;
import io.tollgate.proxy.config.IdentitySource;
import io.tollgate.proxy.config.IdentitySource.Carrier;
import io.tollgate.proxy.config.IdentitySource.Certificate;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.TenantPattern;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The keys below {@code identification}. */
final class IdentityKeys {
  static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern NAME_IN_CERTIFICATE =
      Pattern.compile("subject\\.(CN|OU|O|L|ST|C|STREET|DC|UID)|san\\.(dns|uri|email)");
  private static final Pattern CLAIM = Pattern.compile("[^.]+(\\.[^.]+)*");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9._:@-]{1,128}");
  private static final List<String> SHORT =
      List.of("headers", "authorization", "query-parameters", "strip");

  private IdentityKeys() {}

  /** Reads them; some sources need what the listener says. */
  static Identification read(YamlMap map, Listener listener) {
    Identification defaults = Identification.DEFAULT;
    List<IdentitySource> sources = sources(map);
    if (!listener.asksForCertificates() && hasAny(sources, IdentitySource.Certificate.class)) {
      throw map.mistake(
          "sources", "a certificate is asked for only with listener.tls.client-authority");
    }
    if (listener.trustedPeers().isEmpty() && hasAny(sources, IdentitySource.TrustedHeader.class)) {
      throw map.mistake(
          "sources", "a header is believed from listener.trusted-peers, and there are none");
    }
    if (sources.isEmpty() && !map.has("anonymous-tenant")) {
      throw map.mistake("sources", "without any source and 'anonymous-tenant' every call is 401");
    }
    Identification settings =
        new Identification(
            sources,
            map.find("anonymous-tenant")
                .map(
                    value ->
                        value.text(
                            TENANT,
                            "a tenant's id: at most 128 letters, digits, '.', '_', ':', '@', '-'"))
                .orElse(""),
            ProxyFile.integer(map, "cache-size", defaults.cacheSize(), 1, 10_000_000));
    map.close();
    return settings;
  }

  private static boolean hasAny(
      List<IdentitySource> sources, Class<? extends IdentitySource> kind) {
    return sources.stream().anyMatch(kind::isInstance);
  }

  /** Without {@code sources}, the keys of an API key stand for the only one. */
  private static List<IdentitySource> sources(YamlMap map) {
    if (!map.has("sources")) {
      map.find("sources");
      return List.of(keys(map));
    }
    for (String key : SHORT) {
      if (map.has(key)) {
        throw map.mistake(key, "with 'sources' it stands in one of them: 'api-key: {" + key + "}'");
      }
    }
    List<IdentitySource> sources = new ArrayList<>();
    for (YamlValue value : map.list("sources")) {
      IdentitySource source = source(value.map());
      if (sources.contains(source)) {
        throw value.mistake("the same source stands above; this one would never be asked");
      }
      sources.add(source);
    }
    return sources;
  }

  private static IdentitySource source(YamlMap map) {
    List<String> kinds = map.keys();
    if (kinds.size() != 1) {
      throw map.mistake("one kind a source: api-key, jwt, certificate, host, path or header");
    }
    String kind = kinds.getFirst();
    YamlMap inner = map.map(kind);
    IdentitySource source =
        switch (kind) {
          case "api-key" -> keys(inner);
          case "jwt" -> jwt(inner);
          case "certificate" -> certificate(inner);
          case "host" -> host(inner.value("pattern"));
          case "path" -> path(inner.value("pattern"));
          case "header" ->
              new IdentitySource.TrustedHeader(field(inner.value("name")), strip(inner, true));
          default ->
              throw map.mistake(
                  kind,
                  "'" + kind + "' is not one of: api-key, jwt, certificate, host, path, header");
        };
    inner.close();
    return source;
  }

  private static IdentitySource.Keys keys(YamlMap map) {
    IdentitySource.Keys defaults = Identification.API_KEY;
    IdentitySource.Keys keys =
        new IdentitySource.Keys(
            map.has("headers")
                ? map.list("headers").stream().map(IdentityKeys::field).toList()
                : defaults.headers(),
            map.find("authorization").map(YamlValue::bool).orElse(defaults.authorization()),
            map.list("query-parameters").stream().map(YamlValue::text).toList(),
            strip(map, defaults.strip()));
    map.find("headers"); // asked for above, also where it is null
    if (keys.headers().isEmpty() && !keys.authorization() && keys.queryParameters().isEmpty()) {
      throw map.mistake("a key is looked for nowhere: headers, authorization, query-parameters");
    }
    return keys;
  }

  private static IdentitySource.Jwt jwt(YamlMap map) {
    return new IdentitySource.Jwt(
        map.value("issuer").text(),
        map.find("audience").map(IdentityKeys::words).orElse(List.of()),
        url(map.value("jwks"), "https://id.example.org/.well-known/jwks.json"),
        between(map, "refresh", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)),
        between(map, "keep", Duration.ofDays(1), Duration.ZERO, Duration.ofDays(30)),
        map.find("algorithms").map(IdentityKeys::algorithms).orElse(allAlgorithms()),
        between(map, "leeway", Duration.ofSeconds(30), Duration.ZERO, Duration.ofMinutes(10)),
        map.find("tenant-claim").map(IdentityKeys::claim).orElse("tenant"),
        map.find("key-claim").map(IdentityKeys::claim).orElse("sub"),
        new Carrier(
            map.find("header").map(IdentityKeys::field).orElse("Authorization"),
            map.find("query-parameter").map(YamlValue::text).orElse("")),
        strip(map, false));
  }

  private static Set<String> allAlgorithms() {
    return Set.copyOf(IdentitySource.Jwt.ALGORITHMS);
  }

  private static String claim(YamlValue value) {
    return value.text(CLAIM, "a claim's name, or names joined by dots");
  }

  private static Set<String> algorithms(YamlValue value) {
    return ProxyFile.some(value).stream().map(IdentityKeys::algorithm).collect(Collectors.toSet());
  }

  private static String algorithm(YamlValue value) {
    String name = value.text();
    if (!IdentitySource.Jwt.ALGORITHMS.contains(name)) {
      throw value.mistake(
          "'"
              + name
              + "' is not one of: "
              + String.join(", ", IdentitySource.Jwt.ALGORITHMS)
              + "; a shared secret or none would let callers sign for themselves");
    }
    return name;
  }

  private static IdentitySource.Certificate certificate(YamlMap map) {
    String name =
        map.find("name")
            .map(
                value ->
                    value.text(
                        NAME_IN_CERTIFICATE,
                        "subject.CN, OU, O, L, ST, C, STREET, DC or UID, san.dns, san.uri or"
                            + " san.email"))
            .orElse("subject.CN");
    TenantPattern pattern =
        map.find("pattern")
            .map(IdentityKeys::pattern)
            .orElse(TenantPattern.of(TenantPattern.TENANT));
    int dot = name.indexOf('.');
    if (name.startsWith("subject")) {
      return new Certificate(Certificate.Name.SUBJECT, name.substring(dot + 1), pattern);
    }
    return new Certificate(
        Certificate.Name.valueOf(name.substring(dot + 1).toUpperCase(Locale.ROOT)), "", pattern);
  }

  private static IdentitySource.Host host(YamlValue value) {
    TenantPattern pattern = pattern(value);
    if (!HOST.matcher(pattern.toString().replace(TenantPattern.TENANT, "t")).matches()) {
      throw value.mistake("'" + pattern + "' is no host name: it has neither port nor path");
    }
    return new IdentitySource.Host(pattern);
  }

  private static IdentitySource.Path path(YamlValue value) {
    String text = value.text();
    List<String> segments = List.of(text.split("/", -1));
    int at = segments.indexOf(TenantPattern.TENANT);
    if (at < 1 || segments.lastIndexOf(TenantPattern.TENANT) != at) {
      throw value.mistake(
          "'" + text + "': {tenant} is expected as a segment of it, once, as in '/t/{tenant}/**'");
    }
    return new IdentitySource.Path(RouteKeys.path(value), at - 1);
  }

  private static TenantPattern pattern(YamlValue value) {
    try {
      return TenantPattern.of(value.text());
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
  }

  private static String field(YamlValue value) {
    return value.text(FIELD, "a header field's name");
  }

  private static boolean strip(YamlMap map, boolean defaultValue) {
    return map.find("strip").map(YamlValue::bool).orElse(defaultValue);
  }

  /** One word, or a list of them. */
  private static List<String> words(YamlValue value) {
    return value.isList()
        ? ProxyFile.some(value).stream().map(YamlValue::text).toList()
        : List.of(value.text());
  }

  /** An http or https URL; the example is for the message. */
  static URI url(YamlValue value, String example) {
    String text = value.text();
    try {
      URI url = URI.create(text);
      if (isWeb(url) && url.getRawFragment() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw value.mistake("'" + withoutUser(text) + "' is no URL");
    }
    throw value.mistake(
        "a URL such as " + example + " is expected, not '" + withoutUser(text) + "'");
  }

  /** Whether something can be asked for there. */
  static boolean isWeb(URI url) {
    return Set.of("http", "https").contains(String.valueOf(url.getScheme()))
        && url.getHost() != null
        && url.getPort() != 0
        && url.getPort() <= 65_535;
  }

  /** A URL as messages may show it: a password in it is nobody's but its owner's. */
  static String withoutUser(String url) {
    return url.replaceAll("//[^/]*@", "//...@");
  }

  private static Duration between(
      YamlMap map, String key, Duration defaultValue, Duration least, Duration most) {
    return map.find(key).map(value -> value.duration(least, most)).orElse(defaultValue);
  }
}
