package io.tollgate.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.List;

/**
 * Fields that are the same in many requests, checked and spelled once: a request of HTTP/1.1 has
 * their lines copied behind its own fields. Immutable and thread-safe.
 */
public final class PreparedFields {
  private final List<? extends CharSequence> names;
  private final List<? extends CharSequence> values;
  private final byte[] lines;

  /**
   * Prepares fields.
   *
   * @param names the fields', each once
   * @param values as many
   * @throws IllegalArgumentException if one cannot stand in a request
   */
  public PreparedFields(List<? extends CharSequence> names, List<? extends CharSequence> values) {
    this.names = names;
    this.values = values;
    HeadersMultiMap checked = HeadersMultiMap.httpHeaders();
    HeadWriter writer = new HeadWriter().begin();
    for (int i = 0; i < names.size(); i++) {
      checked.add(names.get(i), values.get(i));
      writer.line(names.get(i), values.get(i));
    }
    this.lines = writer.toBytes();
  }

  /** Reads them, so that they are at hand when they go out. */
  public int fetch() {
    return lines[0] + lines[lines.length - 1];
  }

  /** Each on its line, as they go out. */
  byte[] lines() {
    return lines;
  }

  /** Sets them in a map. */
  public void into(HttpHeaders fields) {
    for (int i = 0; i < names.size(); i++) {
      fields.set(names.get(i), values.get(i));
    }
  }
}
