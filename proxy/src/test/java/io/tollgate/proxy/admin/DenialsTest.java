package io.tollgate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.decision.Reason;
import io.tollgate.proxy.limit.Sample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of refusals. */
class DenialsTest {
  private Instant now = Instant.parse("2026-11-10T12:00:00Z");
  private final Denials denials = new Denials("x-", 3, () -> now);

  @Test
  void keep_again_isOneWithinASecondAndAnotherAfterIt() {
    String first = keep("a", "r", Reason.BLOCKED);
    assertThat(keep("a", "r", Reason.BLOCKED)).isEqualTo(first);
    assertThat(keep("a", "r", Reason.FEATURE)).isNotEqualTo(first);
    assertThat(keep("a", "other", Reason.BLOCKED)).isNotEqualTo(first);
    now = now.plusSeconds(1);
    assertThat(keep("a", "r", Reason.BLOCKED)).isNotEqualTo(first);
  }

  @Test
  void keep_beyondTheMost_forgetsTheOldest() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(keep("t" + i, "r", Reason.BLOCKED));
    }
    assertThat(new HashSet<>(ids)).hasSize(5);
    assertThat(ids.subList(0, 2)).allMatch(id -> denials.find(id) == null);
    assertThat(denials.find(ids.get(2)))
        .isNotNull()
        .matches(denial -> denial.tenant().equals("t2") && denial.limits().isEmpty())
        .matches(denial -> denial.at().equals("2026-11-10T12:00:00Z") && denial.status() == 402);
  }

  private String keep(String tenant, String route, Reason reason) {
    Entitlements entitlements = Sample.tenant(tenant).entitlements();
    Refuse refuse = new Refuse(reason, 402, "about:blank", "No", "why", List.of(), -1);
    return denials.keep(new Denial.Caller(entitlements, "k", route, null), refuse, null);
  }
}
