package io.tollgate.contract;

import java.util.Objects;

/**
 * An API key as everyone but its owner knows it.
 *
 * @param id the public id, safe to log
 * @param sha256 lower-case hexadecimal SHA-256 of the whole key; keys carry 256 random bits, so a
 *     plain digest is enough
 */
public record KeyHash(String id, String sha256) {
  public KeyHash {
    Objects.requireNonNull(id, "id");
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: 64 lower-case hexadecimal digits expected");
    }
  }
}
