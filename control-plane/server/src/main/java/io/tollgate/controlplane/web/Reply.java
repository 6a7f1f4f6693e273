package io.tollgate.controlplane.web;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A successful answer.
 *
 * @param status 200 to 299
 * @param headers headers besides those the server writes
 * @param body the bytes, not to be changed
 * @param confidential whether the body holds a secret shown once, which is never stored in the
 *     clear
 */
public record Reply(int status, Map<String, String> headers, Buffer body, boolean confidential) {
  /** 200 with JSON. */
  public static Reply ok(Object value) {
    return json(200, value);
  }

  /** 201 with JSON and where the new thing is. */
  public static Reply created(String location, Object value) {
    return json(201, value).header("Location", location);
  }

  /** 202 with JSON. */
  public static Reply accepted(Object value) {
    return json(202, value);
  }

  /** 204. */
  public static Reply noContent() {
    return new Reply(204, Map.of(), Buffer.buffer(), false);
  }

  /** JSON with a status of one's own. */
  public static Reply json(int status, Object value) {
    return bytes(status, "application/json", Wire.write(value).getBytes(StandardCharsets.UTF_8));
  }

  /** 200 with any content. */
  public static Reply of(String contentType, byte[] content) {
    return bytes(200, contentType, content);
  }

  private static Reply bytes(int status, String contentType, byte[] content) {
    return new Reply(status, Map.of("Content-Type", contentType), Buffer.buffer(content), false);
  }

  /** The same with one header more. */
  public Reply header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, more, body, confidential);
  }

  /** The same with the version as its ETag. */
  public Reply version(long version) {
    return header("ETag", "\"" + version + "\"");
  }

  /** The same, marked to hold a secret. */
  public Reply secret() {
    return new Reply(status, headers, body, true).header("Cache-Control", "no-store");
  }
}
