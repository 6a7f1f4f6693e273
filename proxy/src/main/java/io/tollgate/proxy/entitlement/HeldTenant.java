package io.tollgate.proxy.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.tenant.ApiKey;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One tenant in memory: what it may do at present, and whether somebody asked lately. Read by any
 * thread, changed by one; the mark is worth no fence.
 */
final class HeldTenant implements Supplier<@Nullable Entitlements> {
  private final String name;
  private volatile @Nullable Entitlements state;
  private Set<ApiKey> keys = Set.of();
  private boolean asked;

  HeldTenant(Entitlements first) {
    this.name = first.tenant();
  }

  String name() {
    return name;
  }

  /** What it may do, for somebody who asks; null once it is held no more. */
  @Override
  public @Nullable Entitlements get() {
    if (!asked) {
      asked = true;
    }
    return state;
  }

  /** The same, for somebody who goes over all of them. */
  @Nullable Entitlements peek() {
    return state;
  }

  /** The version held; less than any where none is. */
  long version() {
    Entitlements present = state;
    return present == null ? Long.MIN_VALUE : present.version();
  }

  Set<ApiKey> keys() {
    return keys;
  }

  void renew(Entitlements later, Set<ApiKey> with) {
    keys = Set.copyOf(with);
    state = later;
  }

  /** It is held no more: who still knows it has to ask anew. */
  void end() {
    state = null;
  }

  /** Whether somebody asked since this was asked last. */
  boolean takeMark() {
    boolean was = asked;
    asked = false;
    return was;
  }
}
