package io.tollgate.controlplane.payment.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Objects as Stripe's published fixtures have them ({@code openapi/fixtures3.json}). */
final class StripeFixtures {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StripeFixtures() {}

  static ObjectNode object(String name) {
    try (InputStream file =
        Objects.requireNonNull(StripeFixtures.class.getResourceAsStream("/stripe/fixtures.json"))) {
      return (ObjectNode) JSON.readTree(file).required(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode empty() {
    return JSON.createObjectNode();
  }

  static ObjectNode list(JsonNode... elements) {
    ObjectNode list = empty().put("object", "list").put("has_more", false).put("url", "/v1/x");
    ArrayNode data = list.putArray("data");
    for (JsonNode element : elements) {
      data.add(element);
    }
    return list;
  }
}
