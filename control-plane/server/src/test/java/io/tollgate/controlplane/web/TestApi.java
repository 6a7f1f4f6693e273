package io.tollgate.controlplane.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.yaml.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rooms behind a real HTTP server on a free port, for tests:
 *
 * <pre>{@code
 * TestApi api = TestApi.start(DB, InstantSource.system(), catalogs, tenants);
 * Answer answer = api.as("admin").post("/api/billing/tenants", "{...}");
 * }</pre>
 *
 * The tokens {@code admin}, {@code operator}, {@code viewer} and {@code proxy} are configured.
 */
public final class TestApi implements AutoCloseable {
  private final WebServer server;
  private final Routes routes = new Routes();
  private final HttpClient client = HttpClient.newHttpClient();

  private TestApi(TestDatabase database, InstantSource clock, Room... rooms) {
    Tokens tokens =
        Stream.of(rooms)
            .filter(Tokens.class::isInstance)
            .map(Tokens.class::cast)
            .findFirst()
            .orElseGet(() -> tokens(database, clock));
    tokens.configure(
        List.of(
            new Tokens.Configured(Role.ADMIN, new Secret("admin")),
            new Tokens.Configured(Role.OPERATOR, new Secret("operator")),
            new Tokens.Configured(Role.VIEWER, new Secret("viewer")),
            new Tokens.Configured(Role.PROXY, new Secret("proxy"))));
    if (!List.of(rooms).contains(tokens)) {
      tokens.mount(routes);
    }
    for (Room room : rooms) {
      room.mount(routes);
    }
    try {
      server =
          WebServer.start(
              new WebServer.Parts(
                  database.vertx(), database.db(), tokens, clock, new CollectorRegistry()),
              new WebSettings("127.0.0.1", 0, 64 << 10),
              routes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tokens tokens(TestDatabase database, InstantSource clock) {
    return new Tokens(
        database.db(),
        clock,
        new Ids(clock, new SecureRandom()),
        new SecureRandom(),
        (tx, actor, action, token) -> {});
  }

  /** Starts a server with these rooms; with tokens of its own where there are none among them. */
  public static TestApi start(TestDatabase database, InstantSource clock, Room... rooms) {
    return new TestApi(database, clock, rooms);
  }

  /** The server's base address. */
  public String base() {
    return "http://127.0.0.1:" + server.port();
  }

  /** Every route the rooms declared. */
  public List<Route> routes() {
    return routes.all();
  }

  /** A caller with this token. */
  public Caller as(String token) {
    return new Caller(token);
  }

  /** A tenant's caller with a fresh token. */
  public Caller asTenant(String tenant) {
    Answer made =
        as("admin")
            .post(
                "/api/billing/tokens",
                "{\"role\": \"TENANT\", \"name\": \"test\", \"tenant\": \"" + tenant + "\"}");
    return as(made.json().path("secret").asText());
  }

  /** What came back. */
  public record Answer(HttpResponse<String> response) {
    /** The status. */
    public int status() {
      return response.statusCode();
    }

    /** The body. */
    public String text() {
      return response.body();
    }

    /** The body as a tree. */
    public JsonNode json() {
      return Wire.tree(response.body());
    }

    /** A header, or an empty text. */
    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  /** Calls with a token. */
  public final class Caller {
    private final String token;

    private Caller(String token) {
      this.token = token;
    }

    /** GET. */
    public Answer get(String path, String... headers) {
      return send("GET", path, "", headers);
    }

    /** POST with JSON. */
    public Answer post(String path, String body, String... headers) {
      return send("POST", path, body, headers);
    }

    /** PUT with JSON. */
    public Answer put(String path, String body, String... headers) {
      return send("PUT", path, body, headers);
    }

    /** DELETE. */
    public Answer delete(String path, String... headers) {
      return send("DELETE", path, "", headers);
    }

    /** Any method; {@code headers} are names and values in turn. */
    public Answer send(String method, String path, String body, String... headers) {
      return send(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** As that, with a body that need not be text. */
    public Answer send(String method, String path, byte[] body, String... headers) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(base() + path))
              .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
              .header("Authorization", "Bearer " + token);
      if (headers.length > 0) {
        request.headers(headers);
      }
      if (body.length > 0 && !List.of(headers).contains("Content-Type")) {
        request.header("Content-Type", "application/json");
      }
      try {
        return new Answer(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
