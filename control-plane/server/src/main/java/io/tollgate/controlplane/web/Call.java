package io.tollgate.controlplane.web;

import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through a route, with its body in hand and its caller known. Immutable as
 * far as it can be seen.
 */
public final class Call {
  private static final int DEFAULT_LIMIT = 50;
  private static final int MOST = 200;

  /** RFC 9110, 8.8.3. */
  private static final Pattern ENTITY_TAG = Pattern.compile("(W/)?\"[^\"]*\"");

  private final Principal principal;
  private final String method;
  private final String uri;
  private final Map<String, String> path;
  private final MultiMap query;
  private final MultiMap headers;
  private final byte[] body;

  Call(Principal principal, Target target, MultiMap query, MultiMap headers, byte[] body) {
    this.principal = principal;
    this.method = target.method();
    this.uri = target.uri();
    this.path = target.path();
    this.query = query;
    this.headers = headers;
    this.body = body;
  }

  /** What the request line says. */
  record Target(String method, String uri, Map<String, String> path) {}

  /** Who calls. */
  public Principal principal() {
    return principal;
  }

  /** A part of the path, by its name in the route's braces. */
  public String path(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("the route has no {" + name + "}");
    }
    if (value.indexOf('\0') >= 0) {
      throw Problem.notFound(name, "with the character U+0000");
    }
    return value;
  }

  /** A query parameter that is there and not blank. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name))
        .filter(value -> !value.isBlank())
        .map(
            value -> {
              if (value.indexOf('\0') >= 0) {
                throw Problem.invalid(name, "a text without the character U+0000 is expected");
              }
              return value;
            });
  }

  /**
   * A query parameter.
   *
   * @throws Problem 422 if it is missing
   */
  public String requiredQuery(String name) {
    return query(name).orElseThrow(() -> Problem.invalid(name, "this query parameter is missing"));
  }

  /**
   * A query parameter that is {@code true} or {@code false}; false where it is missing.
   *
   * @throws Problem 422 for anything else
   */
  public boolean flag(String name) {
    return query(name)
        .map(
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  case String other ->
                      throw Problem.invalid(name, "true or false is expected, not '" + other + "'");
                })
        .orElse(false);
  }

  /** A header. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /**
   * The body as text.
   *
   * @throws Problem 400 if it is not UTF-8
   */
  public String text() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Problem.malformed("the body is not UTF-8; save and send it as UTF-8");
    }
  }

  /** The body's bytes, not copied. */
  public byte[] bytes() {
    return body;
  }

  /**
   * The body as a JSON object, to be read field by field.
   *
   * @throws Problem 400 if it is not a JSON object; what is put must be there, a command's may be
   *     empty
   */
  public JsonFields fields() {
    if (body.length == 0 && method.equals("PUT")) {
      throw Problem.malformed("a JSON object is expected");
    }
    return JsonFields.parse(text());
  }

  /**
   * The body as a record of the wire; unknown members are ignored.
   *
   * @throws Problem 422 if it does not fit
   */
  public <T> T body(Class<T> type) {
    @Nullable T read;
    try {
      read = Wire.read(text(), type);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(String.valueOf(e.getMessage()));
    }
    if (read == null) {
      throw Problem.malformed("a JSON object is expected, not null");
    }
    return read;
  }

  /**
   * Which page is asked for: {@code limit} (1 to 200, default 50) and {@code cursor}.
   *
   * @throws Problem 422 for a limit out of range, 400 for a cursor this list did not give out
   */
  public PageRequest page() {
    int limit = query("limit").map(Call::limit).orElse(DEFAULT_LIMIT);
    int question = uri.indexOf('?');
    String list = question < 0 ? uri : uri.substring(0, question);
    return new PageRequest(
        limit, query("cursor").map(cursor -> Page.key(list, cursor)).orElse(null), list);
  }

  private static int limit(String text) {
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // falls through to the refusal, which names the range
    }
    throw Problem.invalid("limit", "a whole number from 1 to " + MOST + " is expected");
  }

  /**
   * The tenant that is meant: the caller's own, or for staff the query parameter {@code tenant}.
   *
   * @throws Problem 403 if a tenant names another, 422 if staff names none
   */
  public String tenant() {
    String own = principal.tenant();
    if (own == null) {
      return requiredQuery("tenant");
    }
    query("tenant").ifPresent(this::mustBeOwn);
    return own;
  }

  /** The tenant to filter by: the caller's own, or what staff asks for, or empty for all. */
  public Optional<String> tenantFilter() {
    return principal.tenant() == null ? query("tenant") : Optional.of(tenant());
  }

  /**
   * Refuses a tenant's caller who names another tenant.
   *
   * @throws Problem 403
   */
  public void mustBeOwn(String tenant) {
    if (principal.tenant() != null && !principal.tenant().equals(tenant)) {
      throw Problem.forbidden("this token belongs to another tenant");
    }
  }

  /**
   * Refuses an update that was made from an older version: one of the entity tags of {@code
   * If-Match} must be the version's, compared strongly (RFC 9110, 13.1.1), so that a weak one never
   * is.
   *
   * @throws Problem 428 without {@code If-Match}, 412 if it names other versions only
   */
  public void mustMatch(long version) {
    String match = String.join(", ", headers.getAll("If-Match"));
    if (match.isEmpty()) {
      throw new Problem(
          428,
          "precondition-required",
          "Precondition required",
          "send If-Match with the ETag you read");
    }
    String tag = "\"" + version + "\"";
    boolean matches =
        match.strip().equals("*")
            || ENTITY_TAG.matcher(match).results().anyMatch(each -> each.group().equals(tag));
    if (!matches) {
      throw new Problem(
              412,
              "precondition-failed",
              "Precondition failed",
              "it has changed since: If-Match is " + match + ", the ETag is " + tag)
          .header("ETag", tag);
    }
  }

  String method() {
    return method;
  }

  String uri() {
    return uri;
  }
}
