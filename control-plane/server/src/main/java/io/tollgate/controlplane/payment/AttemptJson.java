package io.tollgate.controlplane.payment;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An attempt as the API and events show it. */
final class AttemptJson {
  private AttemptJson() {}

  static Map<String, Object> of(Attempt attempt) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", attempt.id());
    json.put("tenant", attempt.tenant());
    json.put("invoice", attempt.invoice());
    json.put("provider", attempt.provider());
    json.put("kind", attempt.kind());
    json.put("state", attempt.state());
    json.put("amount", attempt.amount());
    put(json, "reference", attempt.answer().reference());
    put(json, "code", attempt.answer().code());
    put(json, "message", attempt.answer().message());
    put(json, "payAt", attempt.answer().payAt());
    put(json, "refunds", attempt.refunds());
    json.put("actor", attempt.actor());
    json.put("createdAt", attempt.createdAt());
    put(json, "settledAt", attempt.answer().settledAt());
    return json;
  }

  private static void put(Map<String, Object> json, String name, @Nullable Object value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
