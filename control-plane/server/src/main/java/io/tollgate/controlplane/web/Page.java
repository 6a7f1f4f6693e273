package io.tollgate.controlplane.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param items in the list's order
 * @param next the cursor of the next page; null on the last one
 */
public record Page<T>(List<T> items, @Nullable String next) {
  private static final int CHECK = Integer.BYTES;

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
    return new Page<>(items, cursor(request.list(), key.apply(items.getLast())));
  }

  /** The same page with its items mapped. */
  public <R> Page<R> map(Function<T, R> mapping) {
    return new Page<>(items.stream().map(mapping).toList(), next);
  }

  /** The key with a check of its list in front, so that no other text passes for a cursor. */
  static String cursor(String list, String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    ByteBuffer cursor = ByteBuffer.allocate(CHECK + bytes.length);
    cursor.putInt(check(list, key)).put(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.array());
  }

  /**
   * The key in a list's cursor.
   *
   * @throws Problem 400 naming {@code cursor} for what this list did not give out
   */
  static String key(String list, String cursor) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
      if (bytes.remaining() > CHECK) {
        int check = bytes.getInt();
        String key = StandardCharsets.UTF_8.decode(bytes).toString();
        if (check == check(list, key)) {
          return key;
        }
      }
    } catch (IllegalArgumentException e) {
      // falls through to the refusal
    }
    String detail = "take it from the 'next' of this list's page before";
    throw Problem.malformed("cursor: " + detail)
        .with("errors", List.of(Map.of("field", "cursor", "detail", detail)));
  }

  private static int check(String list, String key) {
    CRC32 crc = new CRC32();
    crc.update((list + "\n" + key).getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
