package io.tollgate.controlplane.discount;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Desk;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.web.TestApi;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedemptionsTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static final String ALL = "/api/billing/subscriptions";

  private static final String SHOP =
      """
      catalog: shop
      plans:
        small: {prices: {USD: {monthly: 10}}}
        large: {prices: {USD: {monthly: 20}}}
      coupons:
        THREE: {percent: 25, periods: 3}
        FIRST: {percent: 10, periods: forever, redemptions: 1}
        OLD: {percent: 10, expires: 2025-01-01T00:00:00Z}
        BIG: {amount: {USD: 5}, plans: [large]}
        SOLO: {percent: 50, alone: true}
      """;

  private static int number;

  private final List<Instant> lowered = new ArrayList<>();
  private Desk desk;
  private Redemptions redemptions;
  private TestApi api;
  private String tenant;

  @BeforeEach
  void open() {
    desk = new Desk(DB, Instant.parse("2026-01-31T06:30:00Z"));
    desk.apply(SHOP);
    redemptions =
        new Redemptions(
            new Redemptions.Parts(
                desk.catalogs,
                desk.subscriptions,
                desk.parts.clocks(),
                desk.parts.audit(),
                desk.parts.ids()));
    desk.subscriptions.redeemCoupons(redemptions);
    desk.subscriptions.listen(
        (tx, revisions) -> {
          for (Revision revision : revisions) {
            if (bills(revision)) {
              bill(tx, revision);
            }
          }
        });
    api = TestApi.start(DB, desk.clock(), desk.catalogs, desk.subscriptions, redemptions);
    tenant = "usd-coupon" + ++number;
  }

  /** As the room that bills does: what a coupon lowers, it took something off. */
  private void bill(Transaction tx, Revision revision) {
    Redemptions.Asked asked = new Redemptions.Asked(revision.after(), revision.at());
    redemptions.holding(tx, List.of(asked)).getOrDefault(asked, List.of()).stream()
        .filter(holding -> holding.covers(asked.period()))
        .forEach(
            holding -> {
              lowered.add(revision.at());
              redemptions.took(
                  tx,
                  List.of(
                      new Redemptions.Taken(
                          revision.after().tenant(),
                          revision.after().id(),
                          holding.coupon().code(),
                          asked.period())));
            });
  }

  private boolean bills(Revision revision) {
    return revision.after().tenant().equals(tenant)
        && (revision.command() == Command.START || revision.command() == Command.RENEW);
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void redeem_withTheOrder_lowersTheFirstThreeInvoices() {
    start("\"plan\": \"small\", \"coupons\": [\"three\"]");
    desk.advance("2026-08-01T00:00:00Z");
    assertThat(lowered)
        .containsExactly(
            Instant.parse("2026-01-31T06:30:00Z"),
            Instant.parse("2026-02-28T06:30:00Z"),
            Instant.parse("2026-03-31T05:30:00Z"));
  }

  @Test
  void redeem_insideAPeriod_lowersTheNextThreeInvoices() {
    JsonNode made = start("\"plan\": \"small\"").json();
    desk.advance("2026-02-10T00:00:00Z");
    assertThat(redeem(made, "THREE").status()).isEqualTo(201);
    desk.advance("2026-08-01T00:00:00Z");
    assertThat(lowered).hasSize(3).first().isEqualTo(Instant.parse("2026-02-28T06:30:00Z"));
  }

  @Test
  void redeem_thenPause_losesNoPeriod() {
    JsonNode made = start("\"plan\": \"small\", \"coupons\": [\"THREE\"]").json();
    desk.advance("2026-02-10T06:30:00Z");
    command(made, "pause", "{}");
    desk.advance("2026-06-20T06:30:00Z");
    command(made, "resume", "{}");
    desk.advance("2026-12-31T00:00:00Z");
    assertThat(lowered).hasSize(3);
  }

  @Test
  void redeem_whatCannotBe_is422() {
    JsonNode made = start("\"plan\": \"small\"").json();
    assertRefused(redeem(made, "NOPE"), "is not in the catalog");
    assertRefused(redeem(made, "OLD"), "expired");
    assertRefused(redeem(made, "BIG"), "is for the plans [large]");
    assertThat(redeem(made, "THREE").status()).isEqualTo(201);
    assertRefused(redeem(made, "THREE"), "before");
    assertRefused(redeem(made, "SOLO"), "cannot stand beside THREE");
  }

  @Test
  void redeem_beyondItsLimit_is422ForTheNextTenant() {
    assertThat(redeem(start("\"plan\": \"small\"").json(), "FIRST").status()).isEqualTo(201);
    tenant = tenant + "b";
    assertRefused(redeem(start("\"plan\": \"small\"").json(), "FIRST"), "which is all");
  }

  @Test
  void start_withARefusedCoupon_startsNothing() {
    assertThat(start("\"plan\": \"small\", \"coupons\": [\"OLD\"]").status()).isEqualTo(422);
    assertThat(api.as("viewer").get(ALL + "?tenant=" + tenant).json().path("items")).isEmpty();
  }

  @Test
  void end_takesItBack() {
    JsonNode made = start("\"plan\": \"small\", \"coupons\": [\"THREE\"]").json();
    String path = ALL + "/" + made.path("id").asText() + "/coupons";
    assertThat(api.as("viewer").get(path).json().path("items")).hasSize(1);
    assertThat(api.as("operator").delete(path + "/three").status()).isEqualTo(204);
    desk.advance("2026-08-01T00:00:00Z");
    assertThat(lowered).hasSize(1);
  }

  private Answer start(String fields) {
    return api.as("admin")
        .post(ALL, "{\"tenant\": \"" + tenant + "\", \"catalog\": \"shop\", " + fields + "}");
  }

  private Answer redeem(JsonNode subscription, String code) {
    return command(subscription, "coupons", "{\"code\": \"" + code + "\"}");
  }

  private Answer command(JsonNode subscription, String command, String body) {
    return api.as("operator")
        .post(ALL + "/" + subscription.path("id").asText() + "/" + command, body);
  }

  private static void assertRefused(Answer answer, String detail) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.text()).contains(detail);
  }
}
