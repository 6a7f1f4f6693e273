package io.tollgate.proxy.tenant;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** Hashes a credential's text without allocation, in buffers that belong to the thread. */
final class KeyHasher {
  /** Longer texts are no keys of ours and are not worth hashing. */
  static final int LONGEST = 512;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final ThreadLocal<KeyHasher> OF_THREAD = ThreadLocal.withInitial(KeyHasher::new);

  private final MessageDigest digest;
  private byte[] text = new byte[LONGEST];
  private final byte[] hash = new byte[32];
  private final ApiKey key = new ApiKey();

  private KeyHasher() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The key in a stretch of a text, in an instance that the thread's next call overwrites; null for
   * an empty one, one that is too long, or one with anything but visible ASCII.
   */
  static @Nullable ApiKey hash(String text, int from, int to) {
    return OF_THREAD.get().digest(text, from, to, LONGEST);
  }

  /** The digest of a token, to be kept; null where it is too long or has strange characters. */
  static @Nullable ApiKey hashToken(String text) {
    ApiKey digest = OF_THREAD.get().digest(text, 0, text.length(), Token.LONGEST);
    return digest == null ? null : digest.copy();
  }

  private @Nullable ApiKey digest(String source, int from, int to, int longest) {
    int length = to - from;
    if (length <= 0 || length > longest) {
      return null;
    }
    if (length > text.length) {
      text = new byte[longest];
    }
    for (int i = 0; i < length; i++) {
      char letter = source.charAt(from + i);
      if (letter <= ' ' || letter >= 0x7f) {
        return null;
      }
      text[i] = (byte) letter;
    }
    digest.update(text, 0, length);
    try {
      digest.digest(hash, 0, hash.length);
    } catch (DigestException e) {
      throw new IllegalStateException("the buffer holds a SHA-256", e);
    }
    key.set(word(0), word(8), word(16), word(24));
    return key;
  }

  private long word(int offset) {
    return (long) WORD.get(hash, offset);
  }
}
