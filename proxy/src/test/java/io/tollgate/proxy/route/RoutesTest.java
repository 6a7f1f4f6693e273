package io.tollgate.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
  @ParameterizedTest
  @CsvSource({
    "/**, /, true",
    "/**, /a/b, true",
    "/causes/**, /causes, true",
    "/causes/**, /causes/, true",
    "/causes/**, /causes/1/x, true",
    "/causes/**, /causesx, false",
    "/causes/*, /causes/1, true",
    "/causes/{id}, /causes/1, true",
    "/causes/*, /causes/, false",
    "/causes/*, /causes/1/x, false",
    "/causes/*/export, /causes/1/export, true",
    "/causes, /causes, true",
    "/causes, /Causes, false",
    "/, /, true",
    "/, /a, false",
  })
  void matches_pattern(String pattern, String path, boolean matches) {
    assertThat(PathPattern.of(pattern).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "/admin/x",
    "/a/../admin/x",
    "/a/%2e%2e/admin/x",
    "//admin/x",
    "/./admin//x",
    "/%61dmin/x",
    "/admin;v=1/x",
    "/a\\..\\admin/x",
    "/a/..;/admin/x",
    "/admin%2Fx",
  })
  void match_everySpellingOfAPath_findsItsRoute(String path) {
    Route admin =
        route("admin", new RouteMatch(Set.of(), "", PathPattern.of("/admin/**"), Map.of(), ""));
    Route rest = route("rest", RouteMatch.ALL);
    assertThat(new Routes(List.of(admin, rest)).match("GET", "h", path, name -> null))
        .isSameAs(admin);
  }

  @ParameterizedTest
  @CsvSource({"/caf%C3%A9/x", "/caf\u00c3\u00a9/x", "/%63af\u00c3%A9/x"})
  void match_bytesBeyondAscii_escapedOrNot_findTheirRoute(String path) {
    RouteMatch match = new RouteMatch(Set.of(), "", PathPattern.of("/caf\u00e9/**"), Map.of(), "");
    Routes routes = new Routes(List.of(route("cafe", match)));
    assertThat(routes.match("GET", "h", path, name -> null)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, api.example.org, /a, true",
    "GET, api.example.org., /a, true",
    "GET, api.example.org.:8000, /a, true",
    "GET, API.example.org:8000, /a, true",
    "GET, example.org, /a, false",
    "GET, xexample.org, /a, false",
    "POST, api.example.org, /a, false",
  })
  void match_methodAndHost(String method, String host, String path, boolean matches) {
    RouteMatch match =
        new RouteMatch(Set.of("GET"), "*.example.org", PathPattern.ALL, Map.of(), "");
    assertThat(
            new Routes(List.of(route("a", match))).match(method, host, path, name -> null) != null)
        .isEqualTo(matches);
  }

  @Test
  void match_header_valueOrPresence() {
    RouteMatch match =
        new RouteMatch(Set.of(), "", PathPattern.ALL, Map.of("x-a", "1", "x-b", "*"), "");
    Routes routes = new Routes(List.of(route("a", match)));
    assertThat(routes.match("GET", "h", "/", Map.of("x-a", "1", "x-b", "z")::get)).isNotNull();
    assertThat(routes.match("GET", "h", "/", Map.of("x-a", "2", "x-b", "z")::get)).isNull();
    assertThat(routes.match("GET", "h", "/", Map.of("x-a", "1")::get)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "shop.Cart/Add, /shop.Cart/Add, application/grpc, true",
    "shop.Cart/*, /shop.Cart/Add, application/grpc+proto, true",
    "shop.Cart/*, /shop.Cart/, application/grpc, false",
    "shop.Cart/*, /shop.Carts/Add, application/grpc, false",
    "shop.Cart/Add, /shop.Cart/Add, application/json, false",
  })
  void match_grpcMethod(String grpc, String path, String type, boolean matches) {
    RouteMatch match = new RouteMatch(Set.of(), "", PathPattern.ALL, Map.of(), grpc);
    assertThat(
            new Routes(List.of(route("a", match)))
                    .match("POST", "h", path, Map.of("content-type", type)::get)
                != null)
        .isEqualTo(matches);
  }

  private static Route route(String name, RouteMatch match) {
    return new Route(name, name, null, null, Route.CALLS, Billing.ALL, "api", null, null, match);
  }
}
