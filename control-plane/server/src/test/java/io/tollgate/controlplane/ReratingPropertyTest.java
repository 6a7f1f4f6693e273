package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.invoice.run.Rerating.Rerated;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** History re-rated, for random catalogs and what random tenants did under them. */
class ReratingPropertyTest {
  private static final TestDatabase DB = new TestDatabase();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static @Nullable WholeHouse opened;

  @BeforeContainer
  static void start() {
    DB.open();
    opened = new WholeHouse(DB);
  }

  private static WholeHouse house() {
    return Objects.requireNonNull(opened);
  }

  @AfterContainer
  static void stop() {
    house().close();
    DB.close();
  }

  /** Some months of some tenants under a catalog. */
  private record World(String catalog, long seed, List<String> tenants) {
    /** The catalog again, with every price times a factor. */
    String yaml(int factor) {
      return new Terms(catalog, new Random(seed), factor).yaml();
    }
  }

  @Property(tries = 4, shrinking = ShrinkingMode.OFF)
  void rerated_underTheCatalogThatBilled_isEveryInvoiceAsItWas(@ForAll long seed) {
    World world = lived(seed);
    Map<String, BigDecimal> lines = new HashMap<>();
    for (Rerated each : rerated(world, 1)) {
      assertThat(each.total())
          .as("%s of seed %d", each.before().number(), seed)
          .isEqualTo(each.before().totals().total());
      lines.merge(each.before().tenant(), each.before().totals().total().getAmount(), this::sum);
    }
    assertThat(lines.keySet()).containsExactlyInAnyOrderElementsOf(world.tenants());
    JsonNode result = asked(world, 1);
    JsonNode sums = result.path("currencies").path(0);
    assertThat(sums.path("mostChanged")).isEmpty();
    assertThat(sums.path("same").asInt()).isEqualTo(world.tenants().size());
    assertThat(amount(sums, "before"))
        .isEqualByComparingTo(lines.values().stream().reduce(BigDecimal.ZERO, this::sum));
    assertThat(amount(sums, "after")).isEqualByComparingTo(amount(sums, "before"));
  }

  @Property(tries = 4, shrinking = ShrinkingMode.OFF)
  void rerated_withEveryPriceDoubled_isTwiceWhatPricesMade(@ForAll long seed) {
    World world = lived(seed);
    Map<String, BigDecimal> differences = new HashMap<>();
    for (Rerated each : rerated(world, 2)) {
      BigDecimal before = each.before().totals().total().getAmount();
      BigDecimal after = Objects.requireNonNull(each.total()).getAmount();
      ByHand byHand = byHand(each.before().id());
      // Each line and each of its taxes may be rounded the other way.
      BigDecimal cents = new BigDecimal("0.01").multiply(BigDecimal.valueOf(3L * byHand.lines()));
      assertThat(after)
          .as("%s of seed %d, which was %s", each.before().number(), seed, before)
          .isCloseTo(before.multiply(BigDecimal.TWO).subtract(byHand.amount()), offset(cents));
      differences.merge(each.before().tenant(), after.subtract(before), this::sum);
    }
    assertAddsUp(asked(world, 2), differences);
  }

  /** The totals are those of the invoices, and the ten that change most are, in their order. */
  private void assertAddsUp(JsonNode result, Map<String, BigDecimal> differences) {
    JsonNode sums = result.path("currencies").path(0);
    assertThat(amount(sums, "difference"))
        .isEqualByComparingTo(amount(sums, "after").subtract(amount(sums, "before")))
        .isEqualByComparingTo(differences.values().stream().reduce(BigDecimal.ZERO, this::sum));
    long dearer = differences.values().stream().filter(each -> each.signum() > 0).count();
    long cheaper = differences.values().stream().filter(each -> each.signum() < 0).count();
    assertThat(sums.path("dearer").asLong()).isEqualTo(dearer);
    assertThat(sums.path("cheaper").asLong()).isEqualTo(cheaper);
    assertThat(sums.path("same").asLong()).isEqualTo(differences.size() - dearer - cheaper);
    List<BigDecimal> greatest =
        differences.values().stream()
            .map(BigDecimal::abs)
            .filter(each -> each.signum() > 0)
            .sorted(Comparator.reverseOrder())
            .limit(10)
            .toList();
    List<BigDecimal> shown = new ArrayList<>();
    for (JsonNode tenant : sums.path("mostChanged")) {
      assertThat(amount(tenant, "difference"))
          .isEqualByComparingTo(differences.get(tenant.path("tenant").asText()));
      shown.add(amount(tenant, "difference").abs());
    }
    assertThat(shown).isEqualTo(greatest);
  }

  private BigDecimal sum(BigDecimal one, BigDecimal other) {
    return one.add(other);
  }

  private static BigDecimal amount(JsonNode node, String field) {
    return new BigDecimal(node.path(field).path("amount").asText());
  }

  private static BigDecimal plain(JsonNode line, String field) {
    return new BigDecimal(line.path(field).asText());
  }

  /** What of an invoice no catalog prices, with its tax. */
  private record ByHand(BigDecimal amount, int lines) {}

  private static ByHand byHand(String invoice) {
    JsonNode lines = house().get("/api/billing/invoices/" + invoice).path("lines");
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode line : lines) {
      if (line.path("description").asText().equals("by hand")) {
        sum = sum.add(plain(line, "amount")).add(plain(line, "tax"));
      }
    }
    return new ByHand(sum, lines.size());
  }

  /** Every invoice of the world, re-rated under its catalog times a factor. */
  private static List<Rerated> rerated(World world, int factor) {
    Catalog draft = Catalogs.draftAs("draft.yaml", world.yaml(factor), world.catalog());
    List<Rerated> all = new ArrayList<>();
    List<Rerated> layer;
    int skip = 0;
    do {
      int passed = skip;
      layer =
          DB.db()
              .inTransaction(
                  tx ->
                      house()
                          .rooms
                          .the(InvoiceRoom.class)
                          .rerating()
                          .last(tx, world.tenants(), draft, passed));
      all.addAll(layer);
      skip++;
    } while (!layer.isEmpty());
    assertThat(all).as("it is about something").hasSizeGreaterThan(world.tenants().size());
    return all;
  }

  private static JsonNode asked(World world, int factor) {
    JsonNode result =
        house()
            .post(
                "/api/billing/simulations/re-ratings?invoices=24",
                world.yaml(factor),
                "Content-Type",
                "application/yaml")
            .path("result");
    assertThat(result.path("unbillable")).isEmpty();
    assertThat(result.path("tenants").asInt()).isEqualTo(world.tenants().size());
    return result;
  }

  /** A random catalog, and months of a dozen tenants under it. */
  private static World lived(long seed) {
    String name = "world-" + NUMBER.incrementAndGet();
    World world = new World(name, seed, new ArrayList<>());
    house().apply(world.yaml(1));
    Random random = new Random(seed + 1);
    String clock = house().clock("2026-01-15T00:00:00Z");
    List<String> subscriptions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String tenant = name + "-" + i;
      world.tenants().add(tenant);
      house().tenant(tenant, clock);
      subscriptions.add(
          house()
              .subscribe(
                  """
              {"tenant": "%s", "catalog": "%s", "plan": "%s-%s", "cycle": "monthly", "quantity": %d,
               "addOns": [{"addOn": "%s-seat", "quantity": %d}], "coupons": [%s]}
              """
                      .formatted(
                          tenant,
                          name,
                          name,
                          random.nextBoolean() ? "a" : "b",
                          1 + random.nextInt(3),
                          name,
                          1 + random.nextInt(4),
                          hasCoupon(i) ? "\"TEN\"" : "")));
    }
    for (int month = 2; month <= 4; month++) {
      house().advance(clock, "2026-%02d-%02dT00:00:00Z".formatted(month, 1 + random.nextInt(28)));
      for (int i = 0; i < subscriptions.size(); i++) {
        use(random, world.tenants().get(i));
        change(random, world, subscriptions.get(i));
        // A coupon would take its part of it.
        if (!hasCoupon(i) && random.nextInt(4) == 0) {
          charge(random, subscriptions.get(i));
        }
      }
    }
    house().advance(clock, "2026-05-20T00:00:00Z");
    return world;
  }

  private static boolean hasCoupon(int tenant) {
    return tenant % 3 == 0;
  }

  private static void use(Random random, String tenant) {
    house()
        .post(
            "/api/billing/usage",
            "{\"tenant\": \"%s\", \"meter\": \"calls\", \"delta\": %d}"
                .formatted(tenant, random.nextInt(400)));
  }

  private static void charge(Random random, String subscription) {
    house()
        .post(
            "/api/billing/invoices",
            """
            {"subscription": "%s", "later": true,
             "lines": [{"description": "by hand", "unitPrice": "%d"}]}
            """
                .formatted(subscription, 1 + random.nextInt(500)));
  }

  private static void change(Random random, World world, String subscription) {
    String path = "/api/billing/subscriptions/" + subscription;
    switch (random.nextInt(6)) {
      case 0 -> {
        String plan = world.catalog() + (random.nextBoolean() ? "-a" : "-b");
        tried(path + "/change", "{\"plan\": \"" + plan + "\"}");
      }
      case 1 -> tried(path + "/change", "{\"quantity\": " + (1 + random.nextInt(4)) + "}");
      case 2 ->
          tried(
              path + "/add-ons",
              "{\"addOn\": \"%s-seat\", \"quantity\": %d}"
                  .formatted(world.catalog(), 1 + random.nextInt(5)));
      case 3 -> {
        tried(path + "/pause", "{}");
        tried(path + "/resume", "{}");
      }
      default -> {
        // Goes on as it is.
      }
    }
  }

  /** What may be refused: what a subscription has already, or what waits. */
  private static void tried(String path, String body) {
    assertThat(house().api.as("admin").post(path, body).status()).as(path + body).isLessThan(500);
  }

  /** A random catalog, the same for the same randomness but for the factor of its prices. */
  private record Terms(String name, Random random, int factor) {
    String yaml() {
      return """
      catalog: %s
      policies:
        dunning: {steps: []}
        proration: %s
        changes: {upgrade: %s, downgrade: %s, more-units: now, fewer-units: period-end}
      meters: {calls: {}}
      taxes: {inclusive: %s, rates: [{name: GST, percent: %d, country: IN}]}
      coupons: {TEN: {percent: 10, periods: 2}}
      add-ons: {%s-seat: {plans: all, prices: {INR: {monthly: %s}}}}
      plans:
        %s-a: {billed: %s, prices: {INR: {monthly: %s}}, charges: %s}
        %s-b: {billed: in-advance, prices: {INR: {monthly: %s}}, charges: %s}
      """
          .formatted(
              name,
              one("days", "seconds", "thirty-day-month"),
              one("now", "period-end"),
              one("now", "period-end"),
              random.nextBoolean(),
              random.nextInt(28),
              name,
              price(50),
              name,
              one("in-advance", "in-arrears"),
              price(3000),
              charges(),
              name,
              price(3000),
              charges());
    }

    private String charges() {
      String model =
          switch (random.nextInt(5)) {
            case 0 -> "model: per-unit, unit-price: " + price(3);
            case 1 ->
                "model: graduated, included: %d, tiers: [{up-to: 100, unit-price: %s}, {unit-price: %s}]"
                    .formatted(random.nextInt(50), price(3), price(2));
            case 2 ->
                "model: volume, tiers: [{up-to: 150, unit-price: %s}, {unit-price: %s}]"
                    .formatted(price(3), price(2));
            case 3 -> "model: package, size: 30, price: " + price(20);
            default ->
                "model: stairstep, steps: [{up-to: 50, amount: %s}, {amount: %s}]"
                    .formatted(price(30), price(90));
          };
      return "{calls: {meter: calls, prices: {INR: {" + model + "}}}}";
    }

    private String one(String... words) {
      return words[random.nextInt(words.length)];
    }

    /** With a fraction of a paisa now and then. */
    private String price(int most) {
      return new BigDecimal(1 + random.nextInt(most * 1000))
          .movePointLeft(3)
          .setScale(random.nextInt(4) == 0 ? 3 : 2, RoundingMode.UP)
          .multiply(BigDecimal.valueOf(factor))
          .toPlainString();
    }
  }
}
