package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A seller's numbers are each given once, whichever of its catalogs a document is of. */
class SellerNumbersTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static WholeHouse house;
  private static String clock;
  private static int buyers;

  @BeforeAll
  static void start() {
    house = new WholeHouse(DB);
    clock = house.clock("2026-04-01T00:00:00Z");
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  private static void apply(String catalog, String seller) {
    house.apply(
        """
        catalog: %s
        seller: {%s}
        policies: {dunning: {steps: []}}
        plans: {p: {prices: {INR: {monthly: 30}}}}
        """
            .formatted(catalog, seller));
  }

  /** The invoice of a new subscription. */
  private static JsonNode bill(String catalog) {
    String tenant = "buyer-" + ++buyers;
    house.tenant(tenant, clock);
    house.subscribe(
        "{\"tenant\": \"%s\", \"catalog\": \"%s\", \"plan\": \"p\"}".formatted(tenant, catalog));
    return house.get("/api/billing/invoices?tenant=" + tenant).path("items").get(0);
  }

  private static String number(String catalog) {
    return bill(catalog).path("number").asText();
  }

  private static String creditNote(JsonNode invoice) {
    return house
        .post(
            "/api/billing/invoices/" + invoice.path("id").asText() + "/credit-notes",
            "{\"amount\": \"10.00\", \"reason\": \"goodwill\"}")
        .path("number")
        .asText();
  }

  @Test
  void catalogsOfOneSeller_numberTogether() {
    apply("one", "name: Acme Ltd, country: IN, identifiers: {PAN: AAAAA0000A}");
    apply("two", "name: ' acme ltd', country: IN");
    apply("prefixed", "name: Acme Ltd, country: IN, number-prefix: P");
    apply("abroad", "name: Acme Ltd, country: DE");
    apply("registered-apart", "name: Acme Ltd, country: IN, identifiers: {PAN: BBBBB1111B}");
    apply("unnamed", "country: IN");
    JsonNode first = bill("one");
    JsonNode second = bill("two");
    assertThat(first.path("number").asText()).isEqualTo("INV-2026-0001");
    assertThat(second.path("number").asText()).isEqualTo("INV-2026-0002");
    assertThat(creditNote(second)).isEqualTo("CN-2026-0001");
    assertThat(creditNote(first)).isEqualTo("CN-2026-0002");
    assertThat(number("prefixed")).isEqualTo("P-INV-2026-0001");
    assertThat(number("abroad")).isEqualTo("INV-2026-0001");
    assertThat(number("unnamed")).isEqualTo("INV-2026-0001");
    // Another name begins no numbers anew.
    apply("two", "name: Acme Limited, country: IN");
    assertThat(number("two")).isEqualTo("INV-2026-0003");
    assertThat(number("one")).isEqualTo("INV-2026-0004");
  }

  @Test
  void catalogThatNumberedByItself_goesOnAfterTheGreatestOfItsSeller() {
    apply("early", "name: Early Ltd, country: IN");
    apply("late", "country: IN");
    assertThat(number("early")).isEqualTo("INV-2026-0001");
    assertThat(number("late")).isEqualTo("INV-2026-0001");
    assertThat(number("late")).isEqualTo("INV-2026-0002");
    apply("late", "name: Early Ltd, country: IN");
    assertThat(number("early")).isEqualTo("INV-2026-0003");
    assertThat(number("late")).isEqualTo("INV-2026-0004");
  }

  @Test
  void catalogsAppliedBeforeBooksWereKept_joinAtTheNextStart() {
    apply("old-a", "name: Old Ltd, country: IN");
    apply("old-b", "name: Old Ltd, country: IN");
    DB.db()
        .inTransaction(
            tx -> tx.execute("DELETE FROM catalog_books WHERE catalog IN ('old-a', 'old-b')"));
    assertThat(number("old-a")).isEqualTo("INV-2026-0001");
    assertThat(number("old-b")).isEqualTo("INV-2026-0001");
    assertThat(number("old-b")).isEqualTo("INV-2026-0002");
    new WholeHouse(DB).close();
    assertThat(number("old-a")).isEqualTo("INV-2026-0003");
    assertThat(number("old-b")).isEqualTo("INV-2026-0004");
  }
}
