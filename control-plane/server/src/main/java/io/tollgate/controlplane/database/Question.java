package io.tollgate.controlplane.database;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A statement with its arguments, values and arrays of them, which nobody changes afterwards. */
final class Question {
  private final String sql;
  private final @Nullable Object[] arguments;

  Question(String sql, @Nullable Object[] arguments) {
    this.sql = sql;
    this.arguments = arguments;
  }

  /** Whether the statement has this word. */
  boolean mentions(String word) {
    return sql.contains(word);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Question question
        && sql.equals(question.sql)
        && Arrays.deepEquals(arguments, question.arguments);
  }

  @Override
  public int hashCode() {
    return 31 * sql.hashCode() + Arrays.deepHashCode(arguments);
  }

  @Override
  public String toString() {
    return sql + " " + Arrays.deepToString(arguments);
  }
}
