package io.tollgate.controlplane.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param items in the list's order
 * @param next the cursor of the next page; null on the last one
 */
public record Page<T>(List<T> items, @Nullable String next) {
  /**
   * The page of what {@link PageRequest#fetch} rows gave.
   *
   * @param key what the list is ordered by; must be unique
   */
  public static <T> Page<T> of(List<T> fetched, PageRequest request, Function<T, String> key) {
    if (fetched.size() <= request.limit()) {
      return new Page<>(fetched, null);
    }
    List<T> items = fetched.subList(0, request.limit());
    return new Page<>(items, cursor(key.apply(items.getLast())));
  }

  /** The same page with its items mapped. */
  public <R> Page<R> map(Function<T, R> mapping) {
    return new Page<>(items.stream().map(mapping).toList(), next);
  }

  private static String cursor(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  static String key(String cursor) {
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("cursor", "is not one this server gave out");
    }
  }
}
