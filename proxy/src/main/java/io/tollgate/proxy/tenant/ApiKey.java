package io.tollgate.proxy.tenant;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An API key as the SHA-256 of its text: the text itself is never kept. Compared in whole, as four
 * words; timing tells an attacker nothing, since the digest of a guess says nothing about its
 * neighbours.
 *
 * <p>{@link KeyHasher} reuses one instance per thread; whoever keeps a key beyond the call takes a
 * {@link #copy}.
 */
public final class ApiKey implements Credential {
  private long a;
  private long b;
  private long c;
  private long d;

  ApiKey() {}

  ApiKey(long a, long b, long c, long d) {
    set(a, b, c, d);
  }

  /**
   * A key by its digest.
   *
   * @param sha256 64 hexadecimal digits
   * @throws IllegalArgumentException if it is anything else
   */
  public static ApiKey ofSha256(String sha256) {
    if (sha256.length() != 64) {
      throw new IllegalArgumentException("sha256: 64 hexadecimal digits expected");
    }
    return new ApiKey(
        HexFormat.fromHexDigitsToLong(sha256, 0, 16),
        HexFormat.fromHexDigitsToLong(sha256, 16, 32),
        HexFormat.fromHexDigitsToLong(sha256, 32, 48),
        HexFormat.fromHexDigitsToLong(sha256, 48, 64));
  }

  final void set(long a, long b, long c, long d) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /** One that is not reused. */
  public ApiKey copy() {
    return new ApiKey(a, b, c, d);
  }

  /** The digest in lower-case hexadecimal, as it stands on the wire. */
  public String sha256() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(a) + hex.toHexDigits(b) + hex.toHexDigits(c) + hex.toHexDigits(d);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ApiKey that
        && ((a ^ that.a) | (b ^ that.b) | (c ^ that.c) | (d ^ that.d)) == 0;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(a);
  }

  /** Tells that it is a key, not which. */
  @Override
  public String toString() {
    return "(api key)";
  }
}
