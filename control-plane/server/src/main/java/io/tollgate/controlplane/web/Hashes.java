package io.tollgate.controlplane.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** How credentials are made and stored: 256 random bits, kept as SHA-256 in lower-case hex. */
public final class Hashes {
  private static final int BYTES = 32;

  private Hashes() {}

  /** The SHA-256 of a text, as 64 lower-case hex digits. */
  public static String sha256(String text) {
    return HexFormat.of().formatHex(digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The SHA-256 of bytes. */
  public static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A new credential of 256 random bits behind a prefix that says what it opens. */
  public static String newCredential(String prefix, SecureRandom random) {
    byte[] bits = new byte[BYTES];
    random.nextBytes(bits);
    return prefix + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }
}
