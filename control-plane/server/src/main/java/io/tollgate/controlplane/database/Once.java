package io.tollgate.controlplane.database;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is found out when it is first wanted, if ever. For one thread. */
public final class Once<T> implements Supplier<T> {
  private final Supplier<T> question;
  private @Nullable T answer;

  private Once(Supplier<T> question) {
    this.question = question;
  }

  /** What a question answers, which is asked at most once. */
  public static <T> Supplier<T> of(Supplier<T> question) {
    return new Once<>(question);
  }

  @Override
  public T get() {
    T known = answer;
    if (known == null) {
      known = question.get();
      answer = known;
    }
    return known;
  }
}
