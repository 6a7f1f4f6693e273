package io.tollgate.proxy.caller;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses whose Forwarded fields are believed. Immutable. */
public final class TrustedPeers {
  private static final class Block {
    private final byte[] network;
    private final int bits;

    Block(byte[] network, int bits) {
      this.network = network;
      this.bits = bits;
    }

    boolean contains(byte[] address) {
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

  private final List<Block> blocks;

  /**
   * Reads addresses and CIDR blocks.
   *
   * @throws IllegalArgumentException naming the one that is neither
   */
  public TrustedPeers(List<String> texts) {
    List<Block> read = new ArrayList<>();
    for (String text : texts) {
      int slash = text.indexOf('/');
      byte[] network =
          NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
      if (network == null) {
        throw new IllegalArgumentException("'" + text + "' is no address");
      }
      int most = network.length * 8;
      int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
      if (bits < 0 || bits > most) {
        throw new IllegalArgumentException("'" + text + "': a prefix of 0 to " + most + " bits");
      }
      read.add(new Block(network, bits));
    }
    blocks = List.copyOf(read);
  }

  /** Whether the address is one of them; null is not. */
  public boolean contains(@Nullable String address) {
    if (blocks.isEmpty() || address == null) {
      return false;
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    return bytes != null && blocks.stream().anyMatch(block -> block.contains(bytes));
  }
}
