package io.tollgate.examples.quickstart;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes sure that every member is a tenant with a subscription and a key; again is harmless. */
final class Enrolment {
  private final Books books;
  private final Workspace workspace;
  private final String clock;

  Enrolment(Books books, Workspace workspace, String clock) {
    this.books = books;
    this.workspace = workspace;
    this.clock = clock;
  }

  /** Enrols everyone and returns the API key of each, by tenant. */
  Map<String, String> enrol(List<Member> members) throws InterruptedException {
    Map<String, String> keys = new LinkedHashMap<>();
    for (Member member : members) {
      if (!books.knows(member.id())) {
        books.post("/tenants", tenant(member));
      }
      if (books.list("/subscriptions?tenant=" + member.id()).isEmpty()) {
        books.post("/subscriptions", subscription(member));
      }
      keys.put(member.id(), key(member));
    }
    return keys;
  }

  /** A key is shown once, so it is kept from the first start on. */
  private String key(Member member) throws InterruptedException {
    String name = "key-" + member.id();
    Optional<String> kept = workspace.find(name);
    if (kept.isPresent()) {
      return kept.get();
    }
    ObjectNode wanted = Books.object().put("name", "quickstart");
    String key = books.post("/tenants/" + member.id() + "/keys", wanted).path("secret").asText();
    return workspace.keep(name, key);
  }

  private ObjectNode tenant(Member member) {
    ObjectNode tenant =
        Books.object()
            .put("id", member.id())
            .put("name", member.name())
            .put("zone", member.zone())
            .put("currency", member.currency())
            .put("testClock", clock);
    ObjectNode billing = tenant.putObject("billing");
    billing.put("email", "billing@" + member.id() + ".example");
    if (member.currency().equals("INR")) {
      billing.put("country", "IN").put("region", "MH");
      billing.putArray("address").add("Mumbai, Maharashtra");
    } else {
      billing.put("country", "US");
    }
    return tenant;
  }

  private static ObjectNode subscription(Member member) {
    ObjectNode subscription =
        Books.object()
            .put("tenant", member.id())
            .put("catalog", member.catalog())
            .put("plan", member.plan())
            .put("cycle", "monthly");
    ArrayNode addOns = subscription.putArray("addOns");
    member
        .addOns()
        .forEach(
            (addOn, quantity) -> addOns.addObject().put("addOn", addOn).put("quantity", quantity));
    return subscription;
  }
}
