package io.tollgate.controlplane.web;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param limit how many, 1 to 200
 * @param after the key of the last one already seen; null at the beginning
 * @param list the list's path: a cursor is good for the list that gave it
 */
public record PageRequest(int limit, @Nullable String after, String list) {
  /** What to ask the database for: one more, which tells whether there is a next page. */
  public int fetch() {
    return limit + 1;
  }
}
