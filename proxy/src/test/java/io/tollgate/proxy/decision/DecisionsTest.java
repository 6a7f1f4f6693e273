package io.tollgate.proxy.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.OverLimit.Behavior;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.decision.Decision.Forward;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.DirectStore;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Sample;
import io.tollgate.proxy.limit.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of reasons, and what a refusal says. */
class DecisionsTest {
  private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");

  private final Decisions decisions = new Decisions(402, 429);
  private final DirectStore store = new DirectStore(NOON.toEpochMilli());
  private final LeasedLimits limits =
      new LeasedLimits(store, LimitSettings.DEFAULT, store::nanos, null, alert -> {});

  @Test
  void gate_blocked_isPaymentRequiredWithTheReason() {
    Refuse refuse = refuse(decisions.gate(with(Access.NONE), false, null));
    assertThat(refuse.status()).isEqualTo(402);
    assertThat(refuse.reason()).isEqualTo(Reason.BLOCKED);
    assertThat(refuse.detail()).isEqualTo("invoice INV-1 is 15 days overdue");
  }

  @Test
  void gate_blockedBySetting_isForbidden() {
    assertThat(refuse(new Decisions(403, 429).gate(with(Access.NONE), true, null)).status())
        .isEqualTo(403);
  }

  @Test
  void gate_readOnly_letsReadsPassAndRefusesWrites() {
    assertThat(decisions.gate(with(Access.READ_ONLY), false, null)).isEqualTo(Forward.FORWARD);
    Refuse refuse = refuse(decisions.gate(with(Access.READ_ONLY), true, null));
    assertThat(refuse.status()).isEqualTo(403);
    assertThat(refuse.reason()).isEqualTo(Reason.READ_ONLY);
    assertThat(refuse.type()).isEqualTo("urn:tollgate:problem:read-only");
  }

  @Test
  void gate_feature_mustBeThereAndEnabled() {
    assertThat(decisions.gate(with(Access.FULL), true, "on")).isEqualTo(Forward.FORWARD);
    for (String lacking : List.of("off", "unheard-of")) {
      Refuse refuse = refuse(decisions.gate(with(Access.FULL), false, lacking));
      assertThat(refuse.status()).isEqualTo(403);
      assertThat(refuse.reason()).isEqualTo(Reason.FEATURE);
      assertThat(refuse.type()).isEqualTo("urn:tollgate:problem:feature");
      assertThat(refuse.detail()).contains("'p'").contains(lacking);
    }
  }

  @Test
  void decide_rateSpent_isTooManyRequestsNotBeforeTheReset() {
    Entitlements entitlements =
        Sample.tenant("t").rate("r", 1, Duration.ofSeconds(30), 1).entitlements();
    assertThat(decisions.decide(admit(entitlements))).isEqualTo(Forward.FORWARD);
    Verdict verdict = admit(entitlements);
    Refuse refuse = refuse(decisions.decide(verdict));
    assertThat(refuse.status()).isEqualTo(429);
    assertThat(refuse.type())
        .isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
    assertThat(refuse.violatedPolicies()).containsExactly("r");
    assertThat(refuse.retryAfterSeconds()).isEqualTo(30);
    assertThat(rateLimit(verdict)).isEqualTo("\"r\";r=0;t=30");
  }

  private static String rateLimit(Verdict verdict) {
    return text(new RateLimitFields().rateLimit(verdict));
  }

  private static String warning(Verdict verdict) {
    return text(new RateLimitFields().warning(verdict));
  }

  private static String text(byte[] ascii) {
    StringBuilder text = new StringBuilder();
    for (byte letter : ascii) {
      text.append((char) letter);
    }
    return text.toString();
  }

  @Test
  void rateLimitField_ofManyLimits_hasThemAll() {
    Sample sample = Sample.tenant("t");
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      sample.rate("limit-number-" + i, 1_000_000_007, Duration.ofSeconds(1), 1_000_000_007);
      all.append(i == 0 ? "" : ", ").append("\"limit-number-" + i + "\";r=1000000006;t=0");
    }
    assertThat(rateLimit(admit(sample.entitlements())).replaceAll(";t=\\d+", ";t=0"))
        .isEqualTo(all.toString());
  }

  @Test
  void rateLimitField_numbersOfAnyLength_areWrittenInFull() {
    for (long power = 1; power <= 1_000_000_000_000_000L; power *= 10) {
      for (long remaining : new long[] {power - 1, power, power + 7, 2 * power + 147_483_647}) {
        Sample tenant = Sample.tenant("t" + remaining);
        Verdict verdict = admit(tenant.quota("n", remaining + 1).entitlements());
        assertThat(rateLimit(verdict)).startsWith("\"n\";r=" + remaining + ";t=");
      }
    }
  }

  @Test
  void rateLimitField_spellsNamesAsTheStructuredFieldWants() {
    Verdict verdict = admit(Sample.tenant("t").quota("a \"b\" \\ \u00e9", 10).entitlements());
    assertThat(rateLimit(verdict)).startsWith("\"a \\\"b\\\" \\\\ ?\";r=9;t=");
    assertThat(verdict.policyField()).startsWith("\"a \\\"b\\\" \\\\ ?\";q=10;w=");
  }

  @Test
  void warningField_namesWhatWasPassedAndWhetherItIsBilled() {
    Entitlements entitlements =
        Sample.tenant("t")
            .quota("warned", 1, Sample.over(Behavior.WARN, 0, 0), false)
            .quota("billed", 1, Sample.over(Behavior.BILL, 0, 0), false)
            .quota("counted", 1, Sample.over(Behavior.ALLOW, 0, 0), false)
            .quota("shadow", 1, OverLimit.DENY, true)
            .quota("ample", 9, OverLimit.DENY, false)
            .entitlements();
    assertThat(warning(admit(entitlements))).isEmpty();
    Verdict over = admit(entitlements);
    assertThat(decisions.decide(over)).isEqualTo(Forward.FORWARD);
    assertThat(warning(over)).isEqualTo("\"warned\", \"billed\";billed");
  }

  @Test
  void fields_sayNothingOfLimitsInShadowMode() {
    Sample sample = Sample.tenant("t").quota("shadow", 1, OverLimit.DENY, true);
    assertThat(rateLimit(admit(sample.entitlements()))).isEmpty();
    Verdict over = admit(sample.quota("ample", 9).entitlements());
    assertThat(over.outcome(0)).isEqualTo(Outcome.SHADOW_DENIED);
    assertThat(rateLimit(over)).startsWith("\"ample\";r=8;t=");
    assertThat(over.policyField()).startsWith("\"ample\";q=9;w=");
    assertThat(warning(over)).isEmpty();
  }

  @Test
  void decide_quotaSpent_hasTheStatusOfTheSetting() {
    Entitlements entitlements = Sample.tenant("t").quota("q", 0).entitlements();
    Refuse refuse = refuse(new Decisions(402, 403).decide(admit(entitlements)));
    assertThat(refuse.status()).isEqualTo(403);
    assertThat(refuse.reason()).isEqualTo(Reason.QUOTA);
    assertThat(refuse.retryAfterSeconds()).isEqualTo(Duration.ofHours(20 * 24 + 12).toSeconds());
  }

  @Test
  void decide_clusterSilent_isReducedCapacity() {
    store.down(true);
    Verdict[] verdict = new Verdict[1];
    limits.admit(
        new Call(Runnable::run)
            .prepare(Sample.tenant("t").quota("q", 9).entitlements(), "", Sample.ONE_CALL),
        decided -> verdict[0] = decided);
    store.advance(300);
    limits.tick();
    Refuse refuse = refuse(decisions.decide(verdict[0]));
    assertThat(refuse.status()).isEqualTo(503);
    assertThat(refuse.type()).endsWith("#temporary-reduced-capacity");
    assertThat(refuse.retryAfterSeconds()).isEqualTo(1);
  }

  @Test
  void statuses_otherThanAllowed_areRefused() {
    assertThatThrownBy(() -> new Decisions(500, 429)).hasMessageContaining("402 or 403");
    assertThatThrownBy(() -> new Decisions(402, 400)).hasMessageContaining("402, 403 or 429");
  }

  private Verdict admit(Entitlements entitlements) {
    Call call = new Call(Runnable::run).prepare(entitlements, "", Sample.ONE_CALL);
    limits.admit(call, verdict -> {});
    return call.verdict();
  }

  private static Refuse refuse(Decision decision) {
    assertThat(decision).isInstanceOf(Refuse.class);
    return (Refuse) decision;
  }

  private static Entitlements with(Access access) {
    return new Entitlements(
        Entitlements.FORMAT,
        "t",
        1,
        NOON,
        "p",
        "c@1",
        new Standing(BillingState.ACTIVE, access, "invoice INV-1 is 15 days overdue"),
        null,
        List.of(),
        List.of(
            new FeatureGrant("on", true, null, null, "plan:p"),
            new FeatureGrant("off", false, null, null, "plan:p")),
        List.of(),
        List.of(),
        List.of());
  }
}
