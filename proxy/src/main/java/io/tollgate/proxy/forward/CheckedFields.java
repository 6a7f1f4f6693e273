package io.tollgate.proxy.forward;

import io.vertx.core.http.impl.HttpUtils;
import org.jspecify.annotations.Nullable;

/**
 * Checks the fields of answers, and remembers those that were sound: an upstream says mostly the
 * same in every answer. Used on one event loop.
 */
final class CheckedFields {
  private static final int SLOTS = 256;

  private final @Nullable CharSequence[] names = new CharSequence[SLOTS];
  private final @Nullable String[] values = new String[SLOTS];

  /**
   * Makes sure that a field can stand in an answer.
   *
   * @throws IllegalArgumentException if it cannot
   */
  @SuppressWarnings("ReferenceEquality") // names seen before are the same objects
  void check(CharSequence name, CharSequence value) {
    int slot = (name.hashCode() + 31 * value.length()) & (SLOTS - 1);
    String known = names[slot] == name ? values[slot] : null;
    if (value instanceof String text && text.equals(known)) {
      return;
    }
    HttpUtils.validateHeader(name, value);
    if (value instanceof String sound) {
      names[slot] = name;
      values[slot] = sound;
    }
  }
}
