package io.tollgate.agent.report;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.UUID;

/** Draws the id of this start of the process. */
final class Incarnation {
  private static final long VERSION_4 = 0x4000L;
  private static final long VARIANT = 0x8000000000000000L;

  private Incarnation() {}

  /**
   * A random UUID. The system's randomness is read directly where it can be: {@link
   * UUID#randomUUID} would load the security providers before the host has chosen its own.
   */
  static String draw() {
    try (DataInputStream random = new DataInputStream(new FileInputStream("/dev/urandom"))) {
      long most = (random.readLong() & ~0xf000L) | VERSION_4;
      long least = (random.readLong() & 0x3fffffffffffffffL) | VARIANT;
      return new UUID(most, least).toString();
    } catch (IOException notUnix) {
      return UUID.randomUUID().toString();
    }
  }
}
