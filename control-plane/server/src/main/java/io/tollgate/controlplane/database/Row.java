package io.tollgate.controlplane.database;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One row of an answer, read by column name. The plain readers refuse null; {@code find...} returns
 * it. Valid inside the mapping function only; not thread-safe.
 */
public final class Row {
  private final io.vertx.sqlclient.Row row;

  Row(io.vertx.sqlclient.Row row) {
    this.row = row;
  }

  /** A text, varchar, char or name column. */
  public String text(String column) {
    return present(row.getString(column), column);
  }

  /** A text column that may be null. */
  public @Nullable String findText(String column) {
    return row.getString(column);
  }

  /** An int, bigint or smallint column. */
  public long whole(String column) {
    return present(row.getLong(column), column);
  }

  /** An integer column that may be null. */
  public @Nullable Long findWhole(String column) {
    return row.getLong(column);
  }

  /**
   * An integer column as int.
   *
   * @throws ArithmeticException if it does not fit
   */
  public int integer(String column) {
    return Math.toIntExact(whole(column));
  }

  /** A numeric column, exact. */
  public BigDecimal decimal(String column) {
    return present(row.getBigDecimal(column), column);
  }

  /** A numeric column that may be null. */
  public @Nullable BigDecimal findDecimal(String column) {
    return row.getBigDecimal(column);
  }

  /** A boolean column. */
  public boolean bool(String column) {
    return present(row.getBoolean(column), column);
  }

  /** A timestamptz column. */
  public Instant instant(String column) {
    return present(findInstant(column), column);
  }

  /** A timestamptz column that may be null. */
  public @Nullable Instant findInstant(String column) {
    OffsetDateTime value = row.getOffsetDateTime(column);
    return value == null ? null : value.toInstant();
  }

  /** A date column. */
  public LocalDate date(String column) {
    return present(row.getLocalDate(column), column);
  }

  /** A date column that may be null. */
  public @Nullable LocalDate findDate(String column) {
    return row.getLocalDate(column);
  }

  /** A bytea column. */
  public byte[] bytes(String column) {
    return present(row.getBuffer(column), column).getBytes();
  }

  /** A bytea column that may be null. */
  public byte @Nullable [] findBytes(String column) {
    var buffer = row.getBuffer(column);
    return buffer == null ? null : buffer.getBytes();
  }

  /** A text[] column. */
  public List<String> texts(String column) {
    return List.of(present(row.getArrayOfStrings(column), column));
  }

  private static <T> T present(@Nullable T value, String column) {
    return Objects.requireNonNull(value, () -> "the column " + column + " is null");
  }
}
