package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.util.LinkedHashMap;
import java.util.Map;

/** The coupons of a subscription: what is redeemed, redeeming one, and taking one back. */
record RedemptionRoutes(Redemptions redemptions, Subscriptions subscriptions) {
  private static final String PATH = "/api/billing/subscriptions/{id}/coupons";

  void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::post);
    routes.get(
        PATH,
        Role.READERS,
        (call, tx) ->
            Reply.ok(
                new Page<>(
                    redemptions.of(tx, subscription(call, tx).id()).stream()
                        .map(RedemptionRoutes::shown)
                        .toList(),
                    null)));
    routes.delete(
        PATH + "/{code}",
        Role.STAFF,
        (call, tx) -> {
          redemptions.end(tx, call.principal().id(), subscription(call, tx), call.path("code"));
          return Reply.noContent();
        });
  }

  private Reply post(Call call, Transaction tx) {
    Subscription subscription = subscription(call, tx);
    JsonFields fields = call.fields();
    String code = fields.text("code");
    fields.close();
    Redemption redemption = redemptions.redeem(tx, call.principal().id(), subscription, code);
    return Reply.created(
        "/api/billing/subscriptions/"
            + subscription.id()
            + "/coupons/"
            + redemption.coupon().code(),
        shown(redemption));
  }

  private Subscription subscription(Call call, Transaction tx) {
    return subscriptions
        .find(tx, call.path("id"))
        .orElseThrow(() -> Problem.notFound("subscription", call.path("id")));
  }

  private static Map<String, Object> shown(Redemption redemption) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", redemption.id());
    shown.put("code", redemption.coupon().code());
    shown.put("title", redemption.coupon().title());
    shown.put("from", redemption.from());
    shown.put("until", redemption.until());
    return shown;
  }
}
