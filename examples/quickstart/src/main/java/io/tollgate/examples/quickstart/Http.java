package io.tollgate.examples.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Plain HTTP calls, as a user's program would make them. Thread-safe. */
final class Http {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private Http() {}

  /** An answer: its status, its fields and its body as text. */
  record Answer(int status, java.net.http.HttpHeaders fields, String body) {
    /** Why a call was refused, in a few words: the limit it ran into, or the problem's title. */
    String reason() {
      if (!body.startsWith("{")) {
        return "status " + status;
      }
      JsonNode problem = json();
      JsonNode violated = problem.path("violated-policies");
      return violated.isEmpty()
          ? problem.path("title").asText("status " + status)
          : violated.get(0).asText();
    }

    /** Whether the proxy answered itself, rather than the service behind it. */
    boolean isProblem() {
      return fields.firstValue("Content-Type").orElse("").startsWith("application/problem+json");
    }

    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JsonProcessingException e) {
        throw new QuickstartException("not JSON (" + status + "): " + body);
      }
    }
  }

  /** One call; the body is empty for none. */
  static Answer call(String method, String url, Map<String, String> fields, String body)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    fields.forEach(request::setHeader);
    try {
      HttpResponse<String> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new QuickstartException(method + " " + url + " got no answer: " + e);
    }
  }

  /** Stores an answer's body in a file. */
  static Path download(String url, String token, Path file) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .setHeader("Authorization", "Bearer " + token)
            .build();
    try {
      HttpResponse<Path> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofFile(file));
      if (response.statusCode() != 200) {
        throw new QuickstartException("GET " + url + " answered " + response.statusCode());
      }
      return file;
    } catch (IOException e) {
      throw new QuickstartException("GET " + url + " got no answer: " + e);
    }
  }

  /** Whether the address answers 200: what readiness looks like from outside. */
  static boolean isUp(String url) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(2)).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
