package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.UpstreamSettings;
import io.tollgate.proxy.route.Billing;
import io.tollgate.proxy.route.PathPattern;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.route.RouteMatch;
import io.tollgate.proxy.route.Routes;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys below {@code routes}. Without any, every call is one unit of the only upstream. */
final class RouteKeys {
  private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z0-9_-]{0,31}");
  private static final Pattern GRPC = Pattern.compile("[A-Za-z0-9_.]+/([A-Za-z0-9_]+|\\*)");
  private static final Pattern HOST =
      Pattern.compile("(\\*\\.)?[A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+]");

  private RouteKeys() {}

  static Routes read(YamlMap root, Map<String, UpstreamSettings> upstreams) {
    List<YamlValue> values = root.list("routes");
    List<Route> routes = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (YamlValue value : values) {
      Route route = route(value.map(), upstreams);
      if (!names.add(route.name())) {
        throw value.mistake("the name '" + route.name() + "' is taken by a route above");
      }
      for (Route above : routes) {
        if (above.match().equals(RouteMatch.ALL) || above.match().equals(route.match())) {
          throw value.mistake("no call comes here: the route '" + above.name() + "' takes them");
        }
      }
      routes.add(route);
    }
    if (!values.isEmpty() && root.has("upstream")) {
      throw root.mistake("upstream", "with 'routes' each of them says its own");
    }
    if (values.isEmpty()) {
      String upstream = upstream(root, upstreams);
      routes.add(
          new Route(
              "default",
              "default",
              null,
              null,
              Route.CALLS,
              Billing.ALL,
              upstream,
              null,
              null,
              RouteMatch.ALL));
    }
    return new Routes(routes);
  }

  private static Route route(YamlMap map, Map<String, UpstreamSettings> upstreams) {
    String name = ProxyFile.name(map.value("name"));
    Route route =
        new Route(
            name,
            map.find("group").map(ProxyFile::name).orElse(name),
            map.find("feature").map(ProxyFile::name).orElse(null),
            map.find("write").map(YamlValue::bool).orElse(null),
            map.has("meters") ? MeterKeys.meters(map.map("meters")) : Route.CALLS,
            MeterKeys.billing(map),
            upstream(map, upstreams),
            timeout(map, "response-timeout"),
            timeout(map, "idle-timeout"),
            match(map.map("match")));
    map.find("meters"); // asked for above, also where they are null
    map.close();
    return route;
  }

  private static @Nullable Duration timeout(YamlMap map, String key) {
    return map.find(key)
        .map(value -> value.duration(Duration.ofMillis(1), Duration.ofDays(1)))
        .orElse(null);
  }

  private static String upstream(YamlMap map, Map<String, UpstreamSettings> upstreams) {
    if (!map.has("upstream") && upstreams.size() == 1) {
      map.find("upstream");
      return upstreams.keySet().iterator().next();
    }
    YamlValue value = map.value("upstream");
    String name = value.text();
    if (!upstreams.containsKey(name)) {
      throw value.mistake(
          "'" + name + "' is not one of the upstreams: " + String.join(", ", upstreams.keySet()));
    }
    return name;
  }

  private static RouteMatch match(YamlMap map) {
    YamlMap headers = map.map("headers");
    Map<String, String> wanted =
        headers.keys().stream()
            .collect(
                Collectors.toMap(key -> field(headers, key), key -> headers.value(key).word()));
    headers.close();
    RouteMatch match =
        new RouteMatch(
            map.list("methods").stream()
                .map(value -> value.text(METHOD, "an upper-case method"))
                .collect(Collectors.toSet()),
            map.find("host")
                .map(
                    value ->
                        value.text(HOST, "a host name such as api.example.org or *.example.org"))
                .orElse(""),
            map.find("path").map(RouteKeys::path).orElse(PathPattern.ALL),
            wanted,
            map.find("grpc")
                .map(value -> value.text(GRPC, "package.Service/Method or package.Service/*"))
                .orElse(""));
    map.close();
    return match;
  }

  private static String field(YamlMap headers, String name) {
    if (!IdentityKeys.FIELD.matcher(name).matches()) {
      throw headers.mistake(name, "'" + name + "' is not a header field's name");
    }
    return name;
  }

  static PathPattern path(YamlValue value) {
    try {
      return PathPattern.of(value.text());
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
  }
}
