package io.tollgate.proxy.caller;

import io.tollgate.proxy.config.AddressBlock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses whose Forwarded fields are believed. Immutable. */
public final class TrustedPeers {
  private final List<AddressBlock> blocks;

  /**
   * Reads addresses and CIDR blocks.
   *
   * @throws IllegalArgumentException naming the one that is neither
   */
  public TrustedPeers(List<String> texts) {
    blocks = texts.stream().map(AddressBlock::of).toList();
  }

  /** Whether the address is one of them; null is not. */
  public boolean contains(@Nullable String address) {
    if (blocks.isEmpty() || address == null) {
      return false;
    }
    byte[] bytes = AddressBlock.bytes(address);
    return bytes != null && blocks.stream().anyMatch(block -> block.contains(bytes));
  }
}
