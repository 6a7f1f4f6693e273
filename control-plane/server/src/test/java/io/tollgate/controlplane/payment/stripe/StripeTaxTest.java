package io.tollgate.controlplane.payment.stripe;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.tax.CatalogTax;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.tax.TaxProvider.Taxable;
import io.tollgate.controlplane.tax.TaxRules;
import io.tollgate.controlplane.tax.TaxUnavailableException;
import io.tollgate.controlplane.tax.TaxedLine;
import io.tollgate.yaml.Secret;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stripe Tax, against a server that answers in the shapes of Stripe's own fixtures. */
class StripeTaxTest {
  private static final String CALCULATIONS = "/v1/tax/calculations";
  private static final Seller SELLER = new Seller("Seller", List.of(), "US", "TX", "", Map.of());
  private static final TaxProfile BUYER =
      new TaxProfile(
          "US", "CA", "", "", false, new TaxProfile.Place("920 5th Ave", "Los Angeles", "90001"));
  private static final TaxRules NO_RATES =
      TaxRules.of(
          new TaxRates(
              false,
              Map.of(
                  TaxRates.STANDARD,
                  new TaxRates.Category(TaxRates.STANDARD, "txcd_40060003"),
                  "books",
                  new TaxRates.Category("books", "998314")),
              List.of()));

  private final WireMockServer stripe =
      new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
  private StripeTax taxes;

  @BeforeEach
  void start() {
    stripe.start();
    taxes =
        new StripeTax(
            new StripeSettings(
                URI.create(stripe.baseUrl()),
                new Secret("sk_test_123"),
                new Secret("whsec_123"),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofMinutes(5),
                true),
            Duration.ofMillis(1),
            new CatalogTax());
  }

  @AfterEach
  void stop() {
    stripe.stop();
  }

  /** The fixtures' line, 1,499 and 148 of tax, under a reference, in the parts it is made of. */
  private static ObjectNode item(String reference, long amount, long tax) {
    ObjectNode item = StripeFixtures.object("tax.calculation_line_item");
    item.put("reference", reference).put("amount", amount).put("amount_tax", tax);
    ObjectNode part = item.putArray("tax_breakdown").addObject();
    part.put("amount", tax)
        .put("taxable_amount", amount)
        .put("taxability_reason", "standard_rated");
    part.putObject("tax_rate_details")
        .put("display_name", "Sales and Use Tax")
        .put("percentage_decimal", "9.875")
        .put("tax_type", "sales_tax");
    return item;
  }

  private void answer(String id, String having, ObjectNode... items) {
    ObjectNode calculation = StripeFixtures.object("tax.calculation").put("id", id);
    stripe.stubFor(
        post(CALCULATIONS)
            .withRequestBody(containing(having))
            .willReturn(okJson(calculation.toString())));
    stripe.stubFor(
        get(urlPathEqualTo(CALCULATIONS + "/" + id + "/line_items"))
            .willReturn(okJson(StripeFixtures.list(items).toString())));
  }

  private static Taxable line(String category, String amount) {
    return new Taxable(category, Money.parse("USD " + amount));
  }

  @Test
  void tax_oneLine_isWhatStripeSays() {
    answer("taxcalc_1", "1499", item("0", 1499, 148));
    TaxedLine line =
        taxes.tax(SELLER, BUYER, NO_RATES, List.of(line(TaxRates.STANDARD, "14.99"))).get(0);
    assertThat(line.net()).isEqualTo(Money.parse("USD 14.99"));
    assertThat(line.gross()).isEqualTo(Money.parse("USD 16.47"));
    assertThat(line.taxes()).hasSize(1);
    assertThat(line.taxes().get(0).name()).isEqualTo("Sales and Use Tax");
    assertThat(line.taxes().get(0).percent()).isEqualByComparingTo(new BigDecimal("9.875"));
    stripe.verify(
        postRequestedFor(urlEqualTo(CALCULATIONS))
            .withHeader("Authorization", equalTo("Bearer sk_test_123"))
            .withFormParam("currency", equalTo("usd"))
            .withFormParam("customer_details[address][country]", equalTo("US"))
            .withFormParam("customer_details[address][state]", equalTo("CA"))
            .withFormParam("customer_details[address][line1]", equalTo("920 5th Ave"))
            .withFormParam("customer_details[address][city]", equalTo("Los Angeles"))
            .withFormParam("customer_details[address][postal_code]", equalTo("90001"))
            .withFormParam("customer_details[address_source]", equalTo("billing"))
            .withFormParam("customer_details[taxability_override]", equalTo("none"))
            .withFormParam("line_items[0][reference]", equalTo("0"))
            .withFormParam("line_items[0][tax_behavior]", equalTo("exclusive"))
            .withFormParam("line_items[0][tax_code]", equalTo("txcd_40060003")));
  }

  @Test
  void tax_creditBesideCharge_takesTaxBack() {
    answer("taxcalc_plus", "=3000", item("1", 3000, 296));
    answer("taxcalc_minus", "=1000", item("0", 1000, 99));
    List<TaxedLine> lines =
        taxes.tax(
            SELLER,
            BUYER,
            NO_RATES,
            List.of(
                line(TaxRates.STANDARD, "-10.00"),
                line("books", "30.00"),
                line(TaxRates.STANDARD, "0.00"),
                line(TaxRates.UNTAXED, "5.00")));
    assertThat(lines.get(0).tax()).isEqualTo(Money.parse("USD -0.99"));
    assertThat(lines.get(1).tax()).isEqualTo(Money.parse("USD 2.96"));
    assertThat(lines.get(1).code()).isEqualTo("998314");
    assertThat(lines.get(2).tax().isZero()).isTrue();
    assertThat(lines.get(3).gross()).isEqualTo(Money.parse("USD 5.00"));
  }

  @Test
  void tax_inclusivePrices_areTakenApart() {
    answer("taxcalc_in", "inclusive", item("0", 1647, 148));
    TaxRules inclusive = TaxRules.of(new TaxRates(true, NO_RATES.sold().categories(), List.of()));
    TaxedLine line =
        taxes.tax(SELLER, BUYER, inclusive, List.of(line(TaxRates.STANDARD, "16.47"))).get(0);
    assertThat(line.net()).isEqualTo(Money.parse("USD 14.99"));
    assertThat(line.gross()).isEqualTo(Money.parse("USD 16.47"));
  }

  @Test
  void tax_exemptAndReverseCharge_areToldToStripeAndNoted() {
    answer("taxcalc_ex", "customer_exempt", item("0", 1000, 0));
    answer("taxcalc_rc", "reverse_charge", item("0", 1000, 0));
    TaxedLine exempt =
        taxes
            .tax(
                SELLER,
                new TaxProfile("US", "CA", "", "C-77", false),
                NO_RATES,
                List.of(line("books", "10.00")))
            .get(0);
    TaxedLine reverse =
        taxes
            .tax(
                SELLER,
                new TaxProfile("DE", "", "DE123", "", true),
                NO_RATES,
                List.of(line("books", "10.00")))
            .get(0);
    assertThat(exempt.taxes().get(0).note()).contains("C-77");
    assertThat(reverse.taxes().get(0).note()).contains("reverse charge");
    assertThat(reverse.tax().isZero()).isTrue();
  }

  @Test
  void tax_outage_isTriedAgainAndThenSaid() {
    stripe.stubFor(
        post(CALCULATIONS)
            .willReturn(
                aResponse().withStatus(503).withBody("{\"error\": {\"message\": \"down\"}}")));
    assertThatThrownBy(() -> taxes.tax(SELLER, BUYER, NO_RATES, List.of(line("books", "10.00"))))
        .isInstanceOf(TaxUnavailableException.class)
        .hasMessageContaining("503");
    stripe.verify(3, postRequestedFor(urlEqualTo(CALCULATIONS)));
  }

  @Test
  void tax_catalogWithRatesOrUnknownPlace_doesNotAskStripe() {
    TaxRates own =
        new TaxRates(
            false,
            NO_RATES.sold().categories(),
            List.of(
                new TaxRates.Rate("VAT", "US", "", "", new BigDecimal("10"), TaxRates.Split.NONE)));
    assertThat(
            taxes
                .tax(SELLER, BUYER, TaxRules.of(own), List.of(line("books", "10.00")))
                .get(0)
                .tax())
        .isEqualTo(Money.parse("USD 1.00"));
    TaxProfile nowhere = new TaxProfile("", "", "", "", false);
    assertThat(taxes.tax(SELLER, nowhere, NO_RATES, List.of(line("books", "10.00"))).get(0).tax())
        .isEqualTo(Money.parse("USD 0.00"));
    stripe.verify(0, postRequestedFor(urlEqualTo(CALCULATIONS)));
  }
}
