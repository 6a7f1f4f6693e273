package io.tollgate.controlplane.database;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many rows as one parameter a column, for {@code unnest}: a statement writes or asks for any
 * number of them at once. Thread-safe.
 */
public final class Unnest {
  private Unnest() {}

  /** A text column of the rows, in their order. */
  public static <T> @Nullable String[] texts(
      List<T> rows, Function<? super T, @Nullable String> value) {
    @Nullable String[] texts = new @Nullable String[rows.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = value.apply(rows.get(i));
    }
    return texts;
  }

  /** A timestamptz column of the rows, in their order. */
  public static <T> Instant[] instants(List<T> rows, Function<? super T, @Nullable Instant> value) {
    return rows.stream().map(value).toArray(Instant[]::new);
  }
}
