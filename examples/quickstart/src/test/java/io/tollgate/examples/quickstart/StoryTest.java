package io.tollgate.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The packaged programs, each in its own process, from the first catalog to the reconciliation. */
@TestMethodOrder(OrderAnnotation.class)
class StoryTest {
  @TempDir private static Path data;
  private static final Fleet FLEET = new Fleet(cause -> {});
  private static Stage stage;

  @BeforeAll
  static void start() throws Exception {
    Path home = Path.of("../..").toAbsolutePath().normalize();
    stage = Stage.start(FLEET, Workspace.prepare(home, data, false), ports());
  }

  @AfterAll
  static void stop() {
    FLEET.close();
  }

  @Test
  @Order(1)
  void play_allSixSteps_reconcilesEveryUnit() throws Exception {
    Story story = new Story(stage, Scoreboard.on(System.out, false));
    assertThat(story.play(Duration.ZERO)).isTrue();
    assertThat(story.json()).endsWith("\"reconciled\":true}");
  }

  /** Everyone in the story lives by a test clock, whose instants are whole seconds. */
  @Test
  @Order(2)
  void call_ofATenantOnTheWallClock_isAdmittedAndCounted() throws Exception {
    Books books = new Books(stage.api(), stage.workspace().secret("admin-token"));
    ObjectNode tenant =
        Books.object()
            .put("id", "today")
            .put("name", "Today")
            .put("zone", "Asia/Kolkata")
            .put("currency", "INR");
    books.post("/tenants", tenant);
    books.post(
        "/subscriptions",
        Books.object()
            .put("tenant", "today")
            .put("catalog", "gaudaan")
            .put("plan", "starter")
            .put("cycle", "monthly"));
    String key =
        books
            .post("/tenants/today/keys", Books.object().put("name", "test"))
            .path("secret")
            .asText();

    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      statuses.add(
          Http.call("GET", stage.proxy(i) + "/causes", Map.of("X-Api-Key", key), "").status());
    }
    stage.flush();

    assertThat(statuses).containsOnly(200);
    assertThat(books.get("/quota?tenant=today&key=api-calls").path("used").asLong()).isEqualTo(4);
  }

  private static Ports ports() throws IOException {
    Ports ports = new Ports();
    List<ServerSocket> held = new ArrayList<>();
    ports.postgres = free(held);
    ports.controlPlane = free(held);
    ports.donations = free(held);
    ports.proxyA = free(held);
    ports.proxyB = free(held);
    ports.adminA = free(held);
    ports.adminB = free(held);
    ports.letterboxA = free(held);
    ports.letterboxB = free(held);
    ports.clusterA = free(held);
    ports.clusterB = free(held);
    for (ServerSocket socket : held) {
      socket.close();
    }
    return ports;
  }

  /** Each is held until all are chosen, so that no two are the same. */
  private static int free(List<ServerSocket> held) throws IOException {
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    held.add(socket);
    return socket.getLocalPort();
  }
}
