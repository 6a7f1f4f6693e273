package io.tollgate.proxy.http;

import java.util.ArrayList;
import java.util.List;

/** Values of fields that are lists (RFC 9110, section 5.6.1). */
public final class FieldList {
  private FieldList() {}

  /** The tokens of a comma-separated list, without its empty elements. */
  public static List<String> tokens(String list) {
    List<String> tokens = new ArrayList<>(2);
    for (String token : list.split(",", -1)) {
      String name = token.strip();
      if (!name.isEmpty()) {
        tokens.add(name);
      }
    }
    return tokens;
  }
}
