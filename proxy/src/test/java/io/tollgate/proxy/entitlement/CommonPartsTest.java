package io.tollgate.proxy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Scope;
import io.tollgate.contract.Standing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommonPartsTest {
  private final CommonParts parts = new CommonParts();

  @Test
  void in_tenantsOfOnePlan_shareWhatIsEqual_andKeepWhatIsTheirs() throws IOException {
    Entitlements one = parts.in(received("one", 100));
    Entitlements other = parts.in(received("other", 100));
    assertThat(other).isEqualTo(received("other", 100));
    assertThat(other.rates()).isSameAs(one.rates());
    assertThat(other.standing()).isSameAs(one.standing());
    assertThat(other.plan()).isSameAs(one.plan());
  }

  @Test
  void in_anotherLimit_isNotTakenForIt() throws IOException {
    parts.in(received("one", 100));
    Entitlements other = parts.in(received("other", 200));
    assertThat(other).isEqualTo(received("other", 200));
  }

  @Test
  void in_morePlansThanAreKept_areAllRight() throws IOException {
    for (int round = 0; round < 2; round++) {
      for (int amount = 1; amount <= 10_000; amount++) {
        assertThat(parts.in(received("t", amount))).isEqualTo(received("t", amount));
      }
    }
  }

  /** As it comes from the wire: nothing of it is shared yet. */
  private static Entitlements received(String tenant, long amount) throws IOException {
    Entitlements sent =
        new Entitlements(
            Entitlements.FORMAT,
            tenant,
            1,
            Instant.EPOCH,
            "free",
            "test@1",
            new Standing(BillingState.ACTIVE, Access.FULL, "in order"),
            null,
            List.of(),
            List.of(),
            List.of(
                new RateLimit(
                    "per-second",
                    "calls",
                    Scope.TENANT,
                    amount,
                    Duration.ofSeconds(1),
                    amount,
                    OverLimit.DENY,
                    false,
                    "plan:free")),
            List.of(),
            List.of());
    return Wire.read(Wire.write(sent), Entitlements.class);
  }
}
