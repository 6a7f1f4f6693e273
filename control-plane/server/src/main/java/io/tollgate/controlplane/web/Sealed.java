package io.tollgate.controlplane.web;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM of one message under a key used for that message only, which is why the nonce may be
 * fixed.
 */
final class Sealed {
  private static final byte[] NONCE = new byte[12];
  private static final int TAG_BITS = 128;

  private Sealed() {}

  static byte[] seal(byte[] key, byte[] message) {
    return run(Cipher.ENCRYPT_MODE, key, message);
  }

  static byte[] open(byte[] key, byte[] sealed) {
    return run(Cipher.DECRYPT_MODE, key, sealed);
  }

  private static byte[] run(int mode, byte[] key, byte[] input) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, NONCE));
      return cipher.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a stored reply cannot be sealed or opened", e);
    }
  }
}
