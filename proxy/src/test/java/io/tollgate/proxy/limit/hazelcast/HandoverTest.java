package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.QuotaRoot;
import io.tollgate.proxy.limit.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Blocks of a hard quota whose cells' owner leaves in order are its heir's, not given up. */
final class HandoverTest {
  private static final int AMOUNT = 1_000;
  private static final int TENANTS = 8;

  private final Map<String, Long> out = new HashMap<>();

  @Test
  void ownerLeavesInOrder_theOtherSpendsTheWholeQuota() throws Exception {
    int first = FreePorts.one();
    int second = FreePorts.one();
    List<String> members = List.of("127.0.0.1:" + first, "127.0.0.1:" + second);
    List<Entitlements> tenants = new ArrayList<>();
    int[] admitted = new int[TENANTS];
    AtomicBoolean gone = new AtomicBoolean();
    CompletableFuture<Void> meanwhile;
    try (LimitCluster stays = join("stays", first, members)) {
      try (LimitCluster leaves = join("leaves", second, members)) {
        assertThat(leaves.members()).isEqualTo(2);
        for (int i = 0; i < TENANTS; i++) { // some of which live on either member
          tenants.add(Sample.tenant("t" + i).quota("q", AMOUNT).entitlements());
          for (LimitCluster each : List.of(stays, leaves)) {
            admitted[i] += LimitClusterTest.admit(each, tenants.get(i)) ? 1 : 0;
          }
        }
        meanwhile =
            CompletableFuture.runAsync(
                () -> {
                  while (!gone.get()) {
                    spend(stays, tenants, admitted);
                  }
                });
      }
      gone.set(true);
      meanwhile.get(20, TimeUnit.SECONDS);
      for (int i = 0; i < TENANTS; i++) {
        for (int call = 0; call < AMOUNT + 50; call++) {
          admitted[i] += LimitClusterTest.admit(stays, tenants.get(i)) ? 1 : 0;
        }
      }
    }
    assertThat(admitted).containsOnly(AMOUNT);
  }

  /**
   * A call of each tenant, not as fast as it goes: leases stay small, and blocks with the owner.
   */
  private static void spend(LimitCluster through, List<Entitlements> tenants, int[] admitted) {
    try {
      for (int i = 0; i < TENANTS; i++) {
        admitted[i] += LimitClusterTest.admit(through, tenants.get(i)) ? 1 : 0;
        Thread.sleep(10);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private LimitCluster join(String node, int port, List<String> members) {
    QuotaRoot root = request -> CompletableFuture.completedFuture(grant(request));
    return LimitClusterTest.join(node, port, members, root, alert -> {});
  }

  /** Blocks far larger than what nodes lease at first: their rest lies with the owner. */
  private synchronized QuotaBlock grant(QuotaBlockRequest request) {
    long before = out.getOrDefault(request.tenant(), 0L) - request.returned();
    long granted = Math.min(Math.min(100, request.units()), AMOUNT - before);
    out.put(request.tenant(), before + granted);
    return new QuotaBlock(
        QuotaBlock.FORMAT, request.requestId(), granted, before + granted, AMOUNT);
  }
}
