package io.tollgate.examples.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The control plane, as its API's users see it: with an administrator's token, over HTTP. */
final class Books {
  private final String api;
  private final String token;

  Books(String api, String token) {
    this.api = api + "/api/billing";
    this.token = token;
  }

  /** Applies a catalog file; the same content again changes nothing. */
  JsonNode applyCatalog(Path file) throws InterruptedException {
    try {
      return call("POST", "/catalogs", "application/yaml", Files.readString(file)).json();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The test clock of this name, made at the given instant where there is none yet. */
  JsonNode clock(String name, Instant start) throws InterruptedException {
    for (JsonNode clock : list("/test-clocks")) {
      if (clock.path("name").asText().equals(name)) {
        return clock;
      }
    }
    return post("/test-clocks", object().put("name", name).put("now", start.toString()));
  }

  /** Moves a clock; everything due on the way happens in order before this returns. */
  Instant advance(String clock, Instant to) throws InterruptedException {
    JsonNode answer = post("/test-clocks/" + clock + "/advance", object().put("to", to.toString()));
    return Instant.parse(answer.path("now").asText());
  }

  Instant now(String clock) throws InterruptedException {
    return Instant.parse(get("/test-clocks/" + clock).path("now").asText());
  }

  boolean knows(String tenant) throws InterruptedException {
    return send("GET", "/tenants/" + tenant, "", "").status() == 200;
  }

  JsonNode post(String path, ObjectNode body) throws InterruptedException {
    return call("POST", path, "application/json", body.toString()).json();
  }

  JsonNode get(String path) throws InterruptedException {
    return call("GET", path, "", "").json();
  }

  /** A document's bytes, such as an invoice's PDF. */
  Path download(String path, Path file) throws InterruptedException {
    return Http.download(api + path, token, file);
  }

  /** Every element of a paged list. */
  List<JsonNode> list(String path) throws InterruptedException {
    List<JsonNode> items = new ArrayList<>();
    @Nullable String cursor = null;
    do {
      String page =
          cursor == null
              ? path
              : path
                  + (path.contains("?") ? "&" : "?")
                  + "cursor="
                  + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
      JsonNode answer = get(page);
      answer.path("items").forEach(items::add);
      cursor = answer.path("next").asText(null);
    } while (cursor != null && !cursor.isEmpty());
    return items;
  }

  private Http.Answer call(String method, String path, String type, String body)
      throws InterruptedException {
    Http.Answer answer = send(method, path, type, body);
    if (answer.status() >= 300) {
      throw new QuickstartException(
          "the control plane answered "
              + answer.status()
              + " to "
              + method
              + " "
              + path
              + ": "
              + answer.body());
    }
    return answer;
  }

  private Http.Answer send(String method, String path, String type, String body)
      throws InterruptedException {
    Map<String, String> fields = new HashMap<>(Map.of("Authorization", "Bearer " + token));
    if (!type.isEmpty()) {
      fields.put("Content-Type", type);
    }
    if (method.equals("POST")) {
      fields.put("Idempotency-Key", UUID.randomUUID().toString());
    }
    return Http.call(method, api + path, fields, body);
  }

  static ObjectNode object() {
    return Http.JSON.createObjectNode();
  }

  /** The element whose field has the value. */
  static Optional<JsonNode> find(List<JsonNode> items, String field, String value) {
    return items.stream().filter(item -> item.path(field).asText().equals(value)).findFirst();
  }
}
