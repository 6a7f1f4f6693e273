package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.BillingFields;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A tenant as a scenario file writes it, in the words of the API, which checks it. Stateless. */
final class BuyerFields {
  private static final String ADDRESS = "address";
  private static final String REVERSE_CHARGE = "reverse-charge";

  /** Who pays, by the file's words: the API's. */
  private static final Map<String, String> TEXTS = new LinkedHashMap<>();

  static {
    TEXTS.put("name", "name");
    TEXTS.put("country", "country");
    TEXTS.put("region", "region");
    TEXTS.put("city", "city");
    TEXTS.put("postal-code", "postalCode");
    TEXTS.put("gstin", "gstin");
    TEXTS.put("pan", "pan");
    TEXTS.put("tax-id", "taxId");
    TEXTS.put("exemption", "taxExemption");
    TEXTS.put("email", "email");
    TEXTS.put("language", "language");
  }

  private BuyerFields() {}

  /** The file's words for who pays, and others. */
  static String[] keysAnd(String... others) {
    Stream<String> own = Stream.concat(TEXTS.keySet().stream(), Stream.of(ADDRESS, REVERSE_CHARGE));
    return Stream.concat(Stream.of(others), own).toArray(String[]::new);
  }

  /** Who pays, checked as the API checks it; a mistake names the key. */
  static BillingDetails billing(String id, YamlMap map) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.set("billing", without(details(map)));
    try {
      return BillingFields.read(JsonFields.of(node), id);
    } catch (Problem problem) {
      String text = String.valueOf(problem.getMessage());
      for (Map.Entry<String, String> each : TEXTS.entrySet()) {
        if (text.startsWith("billing." + each.getValue() + ":")) {
          throw map.mistake(each.getKey(), text.substring(text.indexOf(':') + 1).strip());
        }
      }
      throw map.mistake(text);
    }
  }

  /** The same without texts that are empty, which the API leaves out. */
  static ObjectNode without(ObjectNode details) {
    List<String> empty = new ArrayList<>();
    details
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (details.path(name).isTextual() && details.path(name).asText().isEmpty()) {
                empty.add(name);
              }
            });
    return details.remove(empty);
  }

  /** What changes of a tenant, as the API calls it: its zone, currency and details. */
  static ObjectNode changed(YamlMap map) {
    map.allow(keysAnd("zone", "currency"));
    ObjectNode node = Wire.mapper().createObjectNode();
    map.find("zone").ifPresent(zone -> node.put("zone", zone.zone().getId()));
    map.find("currency").ifPresent(currency -> node.put("currency", currency.text()));
    node.set("billing", details(map));
    return node;
  }

  private static ObjectNode details(YamlMap map) {
    ObjectNode details = Wire.mapper().createObjectNode();
    TEXTS.forEach((key, field) -> map.find(key).ifPresent(text -> details.put(field, text.word())));
    map.find(REVERSE_CHARGE).ifPresent(value -> details.put("reverseCharge", value.bool()));
    if (map.has(ADDRESS)) {
      ArrayNode lines = details.putArray("address");
      map.list(ADDRESS).stream().map(YamlValue::text).forEach(lines::add);
    }
    return details;
  }
}
