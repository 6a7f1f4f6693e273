package io.tollgate.proxy.config;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/** An address, or a CIDR block of them (RFC 4632). Immutable. */
public final class AddressBlock {
  private static final int LONGEST_PREFIX = 3;

  private final byte[] network;
  private final int bits;

  private AddressBlock(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code ::1} and the like.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static AddressBlock of(String text) {
    int slash = text.indexOf('/');
    byte[] network = bytes(slash < 0 ? text : text.substring(0, slash));
    if (network == null) {
      throw new IllegalArgumentException("'" + text + "' is not an address");
    }
    int most = network.length * Byte.SIZE;
    int bits = slash < 0 ? most : prefix(text.substring(slash + 1));
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException("'" + text + "' has no prefix of 0 to " + most + " bits");
    }
    return new AddressBlock(network, bits);
  }

  private static int prefix(String digits) {
    boolean number =
        !digits.isEmpty()
            && digits.length() <= LONGEST_PREFIX
            && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    return number ? Integer.parseInt(digits) : -1;
  }

  /** An address in bytes; null where it is none. */
  public static byte @Nullable [] bytes(String address) {
    return NetUtil.createByteArrayFromIpAddressString(address);
  }

  /** Whether an address, in bytes, is one of them. */
  public boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (address[i] != network[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || ((address[whole] ^ network[whole]) & 0xff00 >> rest & 0xff) == 0;
  }
}
