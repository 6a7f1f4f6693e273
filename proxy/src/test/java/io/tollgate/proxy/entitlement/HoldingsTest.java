package io.tollgate.proxy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.KeyHash;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.tenant.ApiKey;
import io.tollgate.proxy.tenant.Identity;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HoldingsTest {
  private static final int MOST = 5;
  static final int TENANTS = 12;

  @Test
  void install_beyondTheBound_dropsWhomNobodyAskedFor() {
    Holdings holdings = new Holdings(100);
    IntStream.range(0, 100).forEach(i -> holdings.install(state(i, 1, 1)));
    IntStream.range(0, 50).forEach(i -> assertThat(holdings.get(name(i))).isNotNull());
    IntStream.range(100, 150).forEach(i -> holdings.install(state(i, 1, 1)));
    assertThat(holdings.size()).isEqualTo(100);
    assertThat(holdings.keyCount()).isEqualTo(100);
    assertThat(IntStream.range(0, 50).filter(i -> holdings.holds(name(i))).count()).isEqualTo(50);
  }

  @Test
  void install_allAskedForLately_makesRoomAllTheSame() {
    Holdings holdings = new Holdings(1000);
    for (int i = 0; i < 1500; i++) {
      holdings.install(state(i, 1, 1));
      IntStream.rangeClosed(0, i).forEach(j -> holdings.get(name(j)));
      assertThat(holdings.holds(name(i))).isTrue();
    }
    assertThat(holdings.size()).isEqualTo(1000);
  }

  @Test
  void known_ofATenantThatChangesAndGoes_showsWhatIsHeldNow() {
    Holdings holdings = new Holdings(MOST);
    holdings.install(state(1, 1, 1));
    Identity.Known caller = Objects.requireNonNull(holdings.owner(key(1, 1)));
    assertThat(caller.held().get()).isSameAs(holdings.get(name(1)));
    holdings.install(state(1, 2, 1));
    assertThat(Objects.requireNonNull(caller.held().get()).version()).isEqualTo(2);
    holdings.drop(name(1));
    assertThat(caller.held().get()).isNull();
    holdings.install(state(1, 3, 1));
    assertThat(caller.held().get()).isNull();
    assertThat(Objects.requireNonNull(holdings.get(name(1))).version()).isEqualTo(3);
  }

  /** Each step installs, asks for or drops one of a few tenants, whose keys change by version. */
  @Property
  void anySteps_keysAreThoseOfWhomIsHeld(
      @ForAll @Size(max = 80) List<@IntRange(max = 3 * TENANTS - 1) Integer> steps) {
    Holdings holdings = new Holdings(MOST);
    Map<Integer, Integer> versions = new HashMap<>();
    for (int step : steps) {
      int tenant = step % TENANTS;
      switch (step / TENANTS) {
        case 0 -> holdings.get(name(tenant));
        case 1 -> holdings.drop(name(tenant));
        default -> {
          int version = versions.merge(tenant, 1, Integer::sum);
          assertThat(holdings.install(state(tenant, version, version % 3))).isTrue();
          assertThat(holdings.install(state(tenant, version - 1, 2))).isFalse();
          assertThat(holdings.holds(name(tenant))).isTrue();
        }
      }
      assertThat(holdings.size()).isLessThanOrEqualTo(MOST);
      assertKeys(holdings, versions);
    }
  }

  private static void assertKeys(Holdings holdings, Map<Integer, Integer> versions) {
    long expected = 0;
    for (int tenant = 0; tenant < TENANTS; tenant++) {
      int version = versions.getOrDefault(tenant, 0);
      int keys = holdings.holds(name(tenant)) ? version % 3 : 0;
      expected += keys;
      for (int key = 1; key <= 2; key++) {
        Identity.Known owner = holdings.owner(key(tenant, key));
        assertThat(owner != null).isEqualTo(key <= keys);
        assertThat(owner == null || owner.tenant().equals(name(tenant))).isTrue();
      }
    }
    assertThat(holdings.keyCount()).isEqualTo(expected);
  }

  private static String name(int tenant) {
    return "tenant-" + tenant;
  }

  private static ApiKey key(int tenant, int key) {
    return ApiKey.ofSha256(sha256(tenant, key));
  }

  private static String sha256(int tenant, int key) {
    return "%032x%032x".formatted(tenant, key);
  }

  private static Entitlements state(int tenant, int version, int keys) {
    return new Entitlements(
        Entitlements.FORMAT,
        name(tenant),
        version,
        Instant.EPOCH,
        "plan",
        "plan@1",
        new Standing(BillingState.ACTIVE, Access.FULL, ""),
        null,
        IntStream.rangeClosed(1, keys)
            .mapToObj(key -> new KeyHash("key-" + key, sha256(tenant, key)))
            .toList(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
