package io.tollgate.controlplane.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An answer that is not a success, thrown from anywhere below a route and sent as RFC 9457 {@code
 * application/problem+json}. A transaction it passes through is rolled back.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final String title;
  private final transient Map<String, Object> extensions;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  /**
   * A problem of a type of one's own.
   *
   * @param status 400 to 599
   * @param type a short dashed name, such as {@code quota-exceeded}
   * @param title the type in words, the same for each occurrence
   * @param detail this occurrence in words
   */
  public Problem(int status, String type, String title, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.type = type;
    this.title = title;
    this.extensions = new LinkedHashMap<>();
  }

  /** 404: nothing here, or nothing the caller may see. */
  public static Problem notFound(String what, String id) {
    return new Problem(404, "not-found", "Not found", "there is no " + what + " " + id);
  }

  /** 409: the command does not fit the state; name the state and what is possible. */
  public static Problem conflict(String detail) {
    return new Problem(409, "conflict", "Conflict", detail);
  }

  /**
   * 409: the command does not fit the state.
   *
   * @param state what it is in
   * @param possible the commands, as the paths name them, that fit it
   */
  public static Problem inState(String detail, Object state, List<String> possible) {
    return conflict(detail).with("state", state).with("possible", possible);
  }

  /** 422: a field's value cannot be. */
  public static Problem invalid(String field, String detail) {
    return new Problem(422, "invalid", "Invalid value", field + ": " + detail)
        .with("errors", List.of(Map.of("field", field, "detail", detail)));
  }

  /**
   * The same refusal of a value that stands in a larger request.
   *
   * @param rename from the field's name to that in the request; what is no refused value stays
   */
  public Problem inside(UnaryOperator<String> rename) {
    if (status == 422
        && extensions.get("errors") instanceof List<?> errors
        && !errors.isEmpty()
        && errors.getFirst() instanceof Map<?, ?> first) {
      return invalid(
          rename.apply(String.valueOf(first.get("field"))), String.valueOf(first.get("detail")));
    }
    return this;
  }

  /** 400: the request cannot be read. */
  public static Problem malformed(String detail) {
    return new Problem(400, "malformed", "Malformed request", detail);
  }

  /** 403: known, but not allowed. */
  public static Problem forbidden(String detail) {
    return new Problem(403, "forbidden", "Forbidden", detail);
  }

  /** Adds a member to the problem's JSON. Returns this. */
  public Problem with(String member, Object value) {
    extensions.put(member, value);
    return this;
  }

  /** Adds a header to the answer. Returns this. */
  public Problem header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** What was said about a member, such as {@code state}; for a refused field its names. */
  public Optional<Object> member(String name) {
    return Optional.ofNullable(extensions.get(name));
  }

  Map<String, String> headers() {
    return headers;
  }

  /** The members of the problem's JSON. */
  Map<String, Object> body() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "urn:tollgate:problem:" + type);
    body.put("title", title);
    body.put("status", status);
    body.put("detail", String.valueOf(getMessage()));
    body.putAll(extensions);
    return body;
  }
}
