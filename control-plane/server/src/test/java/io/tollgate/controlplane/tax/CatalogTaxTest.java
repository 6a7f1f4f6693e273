package io.tollgate.controlplane.tax;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.catalog.TaxRates.Category;
import io.tollgate.controlplane.catalog.TaxRates.Rate;
import io.tollgate.controlplane.catalog.TaxRates.Split;
import io.tollgate.controlplane.tax.TaxProvider.Taxable;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class CatalogTaxTest {
  private static final Seller SELLER = new Seller("Gaudaan", List.of(), "IN", "MH", "", Map.of());
  private static final TaxProfile SAME_STATE =
      new TaxProfile("IN", "MH", "27ABCDE1234F1Z5", "", false);
  private static final TaxProfile OTHER_STATE = new TaxProfile("IN", "KA", "", "", false);

  private static final TaxProfile GERMAN = new TaxProfile("DE", "", "", "", false);

  @Test
  void tax_inclusive_isTakenOutOfThePrice() {
    TaxedLine line = one(gst(true), OTHER_STATE, "9999.00");
    assertThat(line.net()).isEqualTo(Money.parse("INR 8473.73"));
    assertThat(line.tax()).isEqualTo(Money.parse("INR 1525.27"));
    assertThat(line.gross()).isEqualTo(Money.parse("INR 9999.00"));
    assertThat(line.taxes()).extracting(TaxLine::name).containsExactly("IGST");
  }

  @Test
  void tax_sameState_isSplitIntoHalvesThatAddUp() {
    TaxedLine line = one(gst(true), SAME_STATE, "9999.00");
    assertThat(line.taxes()).extracting(TaxLine::name).containsExactly("CGST", "SGST");
    assertThat(line.taxes())
        .extracting(TaxLine::amount)
        .containsExactly(Money.parse("INR 762.64"), Money.parse("INR 762.63"));
    assertThat(line.taxes()).allMatch(tax -> tax.percent().compareTo(BigDecimal.valueOf(9)) == 0);
  }

  @Test
  void tax_exclusive_isAddedToThePrice() {
    TaxedLine line = one(gst(false), OTHER_STATE, "1000.00");
    assertThat(line.gross()).isEqualTo(Money.parse("INR 1180.00"));
  }

  @Test
  void tax_exemptBuyer_paysTheNetOfAnInclusivePrice() {
    TaxedLine line = one(gst(true), new TaxProfile("IN", "MH", "", "EX-1", false), "1180.00");
    assertThat(line.gross()).isEqualTo(Money.parse("INR 1000.00"));
    assertThat(line.taxes()).singleElement().matches(tax -> tax.note().contains("EX-1"));
  }

  @Test
  void tax_reverseCharge_isNamedAndZero() {
    TaxedLine line = one(gst(false), new TaxProfile("IN", "MH", "27X", "", true), "1000.00");
    assertThat(line.tax()).isEqualTo(Money.parse("INR 0.00"));
    assertThat(line.taxes()).singleElement().matches(tax -> tax.note().contains("reverse charge"));
  }

  @Test
  void tax_elsewhere_isNone() {
    TaxedLine line = one(gst(false), new TaxProfile("SG", "", "", "", false), "1000.00");
    assertThat(line.taxes()).isEmpty();
    assertThat(line.gross()).isEqualTo(line.net());
  }

  @Test
  void tax_rateOfTheCategory_holdsBeforeTheGeneralOne() {
    TaxRates rates =
        new TaxRates(
            false,
            Map.of("standard", new Category("standard", ""), "books", new Category("books", "")),
            List.of(rate("VAT", "DE", "", "19"), rate("VAT", "DE", "books", "7")));
    List<TaxedLine> lines =
        new CatalogTax()
            .tax(
                SELLER,
                GERMAN,
                TaxRules.of(rates),
                List.of(
                    new Taxable("standard", Money.parse("EUR 100.00")),
                    new Taxable("books", Money.parse("EUR 100.00"))));
    assertThat(lines)
        .extracting(TaxedLine::tax)
        .containsExactly(Money.parse("EUR 19.00"), Money.parse("EUR 7.00"));
  }

  @Test
  void tax_newerRates_holdWhereTheyNameThePlaceAndTheCategory() {
    TaxRates sold =
        new TaxRates(
            true,
            categories("standard", "books", "maps"),
            List.of(
                rate("VAT", "DE", "", "19"),
                rate("VAT", "DE", "books", "7"),
                rate("VAT", "DE", "maps", "5"),
                rate("VAT", "FR", "", "20")));
    TaxRates newest =
        new TaxRates(
            false,
            categories("standard", "books"),
            List.of(rate("MwSt", "DE", "", "16"), rate("MwSt", "DE", "books", "0")));
    TaxRules rules = new TaxRules(sold, newest);
    assertThat(shown(rules, GERMAN, "standard")).containsExactly("MwSt 16");
    assertThat(shown(rules, GERMAN, "books")).isEmpty();
    assertThat(shown(rules, GERMAN, "maps")).containsExactly("VAT 5");
    assertThat(shown(rules, new TaxProfile("FR", "", "", "", false), "standard"))
        .containsExactly("VAT 20");
    assertThat(rules.inclusive()).isTrue();
  }

  private static List<String> shown(TaxRules rules, TaxProfile buyer, String category) {
    return rules.at(buyer, category).stream()
        .map(rate -> rate.name() + " " + rate.percent())
        .toList();
  }

  private static Map<String, Category> categories(String... keys) {
    return Stream.of(keys).collect(Collectors.toMap(key -> key, key -> new Category(key, "")));
  }

  /** An inclusive price never changes by its taxation, and its parts are what the rate says. */
  @Property
  void tax_inclusive_neverChangesThePrice(
      @ForAll @BigRange(min = "0", max = "1000000") @Scale(2) BigDecimal price) {
    TaxedLine line = one(gst(true), SAME_STATE, price.toPlainString());
    assertThat(line.gross().getAmount()).isEqualByComparingTo(price);
    BigDecimal exact = line.net().getAmount().multiply(new BigDecimal("0.18"));
    assertThat(line.tax().getAmount().subtract(exact).abs()).isLessThan(new BigDecimal("0.011"));
  }

  private static TaxedLine one(TaxRates rates, TaxProfile buyer, String amount) {
    return new CatalogTax()
        .tax(
            SELLER,
            buyer,
            TaxRules.of(rates),
            List.of(new Taxable("standard", Money.parse("INR " + amount))))
        .getFirst();
  }

  private static TaxRates gst(boolean inclusive) {
    return new TaxRates(
        inclusive,
        Map.of("standard", new Category("standard", "998314")),
        List.of(new Rate("GST", "IN", "", "", BigDecimal.valueOf(18), Split.INDIA_GST)));
  }

  private static Rate rate(String name, String country, String category, String percent) {
    return new Rate(name, country, "", category, new BigDecimal(percent), Split.NONE);
  }
}
