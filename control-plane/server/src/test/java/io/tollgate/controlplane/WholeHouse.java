package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prometheus.client.CollectorRegistry;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.yaml.YamlFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** All rooms as the composition root furnishes them, behind a real port, for tests over HTTP. */
final class WholeHouse implements AutoCloseable {
  private static final InstantSource WALL = Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));
  private static final String SETTINGS =
      """
      test-clocks: true
      tokens: [{role: admin, secret: {env: ADMIN}}]
      database: {embedded: {data: unused}}
      """;

  final Rooms rooms;
  final TestApi api;

  WholeHouse(TestDatabase database) {
    Settings settings =
        Settings.read(YamlFile.parse("test", SETTINGS, Map.of("ADMIN", "admin-of-this-test")));
    rooms = Rooms.furnish(settings, database.db(), WALL, new CollectorRegistry());
    api = TestApi.start(database, WALL, rooms.all().toArray(Room[]::new));
  }

  /** Applies a catalog of the examples. */
  void applyExample(String name) {
    try {
      apply(Files.readString(Path.of("../../examples/catalogs/" + name + ".yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void apply(String yaml) {
    post("/api/billing/catalogs", yaml, "Content-Type", "application/yaml");
  }

  /** A new test clock's id. */
  String clock(String now) {
    return post("/api/billing/test-clocks", "{\"now\": \"" + now + "\"}").path("id").asText();
  }

  void advance(String clock, String to) {
    post("/api/billing/test-clocks/" + clock + "/advance", "{\"to\": \"" + to + "\"}");
  }

  /** A tenant in Maharashtra that pays in rupees. */
  void tenant(String id, String clock) {
    post(
        "/api/billing/tenants",
        """
        {"id": "%s", "name": "%s", "zone": "Asia/Kolkata", "currency": "INR", "testClock": "%s",
         "billing": {"country": "IN", "region": "MH"}}
        """
            .formatted(id, id, clock));
  }

  /** A new subscription's id. */
  String subscribe(String json) {
    return post("/api/billing/subscriptions", json).path("id").asText();
  }

  JsonNode get(String path) {
    TestApi.Answer answer = api.as("admin").get(path);
    assertThat(answer.status()).as(path + " " + answer.text()).isEqualTo(200);
    return answer.json();
  }

  JsonNode post(String path, String body, String... headers) {
    TestApi.Answer answer = api.as("admin").post(path, body, headers);
    assertThat(answer.status()).as(path + " " + answer.text()).isBetween(200, 202);
    return answer.json();
  }

  @Override
  public void close() {
    api.close();
  }
}
