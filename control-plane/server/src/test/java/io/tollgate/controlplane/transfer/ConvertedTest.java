package io.tollgate.controlplane.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.catalog.Billed;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.Test;

class ConvertedTest {
  private static final CurrencyUnit USD = CurrencyUnit.of("USD");
  private static final String KILL_BILL =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <catalog>
        <effectiveDate>2013-02-08T00:00:00+00:00</effectiveDate>
        <catalogName>Weapons Hire</catalogName>
        <currencies><currency>USD</currency><currency>EUR</currency></currencies>
        <units><unit name="bullets"/></units>
        <products>
          <product name="Pistol"><category>BASE</category></product>
          <product name="Scope"><category>ADD_ON</category></product>
          <product name="Knife"><category>STANDALONE</category></product>
        </products>
        <rules><changePolicy><changePolicyCase><policy>IMMEDIATE</policy></changePolicyCase></changePolicy></rules>
        <plans>
          <plan name="pistol-monthly" prettyName="Pistol a month">
            <product>Pistol</product>
            <initialPhases>
              <phase type="TRIAL">
                <duration><unit>DAYS</unit><number>30</number></duration>
                <fixed><fixedPrice/></fixed>
              </phase>
              <phase type="DISCOUNT"><duration><unit>MONTHS</unit><number>6</number></duration></phase>
            </initialPhases>
            <finalPhase type="EVERGREEN">
              <duration><unit>UNLIMITED</unit></duration>
              <recurring>
                <billingPeriod>MONTHLY</billingPeriod>
                <recurringPrice>
                  <price><currency>USD</currency><value>29.95</value></price>
                  <price><currency>EUR</currency><value>27.95</value></price>
                </recurringPrice>
              </recurring>
              <usages>
                <usage name="bullets-usage" billingMode="IN_ARREAR" usageType="CONSUMABLE">
                  <billingPeriod>MONTHLY</billingPeriod>
                  <tiers>
                    <tier><blocks><tieredBlock><unit>bullets</unit><size>1</size>
                      <prices><price><currency>USD</currency><value>2</value></price><price><currency>EUR</currency><value>1.8</value></price></prices><max>10</max>
                    </tieredBlock></blocks></tier>
                    <tier><blocks><tieredBlock><unit>bullets</unit><size>100</size>
                      <prices><price><currency>USD</currency><value>150</value></price><price><currency>EUR</currency><value>140</value></price></prices><max>-1</max>
                    </tieredBlock></blocks></tier>
                  </tiers>
                </usage>
              </usages>
            </finalPhase>
          </plan>
          <plan name="pistol-annual">
            <product>Pistol</product>
            <finalPhase type="EVERGREEN">
              <recurring><billingPeriod>ANNUAL</billingPeriod>
                <recurringPrice><price><currency>USD</currency><value>199.95</value></price></recurringPrice>
              </recurring>
            </finalPhase>
          </plan>
          <plan name="scope-monthly">
            <product>Scope</product>
            <finalPhase type="EVERGREEN">
              <recurring><billingPeriod>MONTHLY</billingPeriod>
                <recurringPrice><price><currency>USD</currency><value>4.5</value></price></recurringPrice>
              </recurring>
            </finalPhase>
          </plan>
          <plan name="knife-once">
            <product>Knife</product>
            <finalPhase type="EVERGREEN"><fixed><fixedPrice><price><currency>USD</currency><value>12</value></price></fixedPrice></fixed></finalPhase>
          </plan>
        </plans>
        <priceLists><defaultPriceList name="DEFAULT"><plans><plan>pistol-monthly</plan></plans></defaultPriceList></priceLists>
      </catalog>
      """;

  private static final String LAGO =
      """
      {"plans": [{"lago_id": "1a90", "name": "Startup", "code": "startup", "interval": "monthly",
        "description": "For the few: and \\"more\\"", "amount_cents": 10000, "amount_currency": "USD",
        "trial_period": 4.5, "pay_in_advance": false,
        "minimum_commitment": {"amount_cents": 100000},
        "charges": [
          {"billable_metric_code": "requests", "charge_model": "package", "min_amount_cents": 3000,
           "properties": {"amount": "30", "free_units": 100, "package_size": 1000}},
          {"billable_metric_code": "cpu", "charge_model": "graduated", "properties": {
            "graduated_ranges": [
              {"from_value": 0, "to_value": 10, "flat_amount": "10", "per_unit_amount": "0.5"},
              {"from_value": 11, "to_value": null, "flat_amount": "0", "per_unit_amount": "0.4"}]}},
          {"billable_metric_code": "storage", "charge_model": "volume", "pay_in_advance": true,
           "properties": {"volume_ranges": [
              {"from_value": 0, "to_value": 100, "flat_amount": "0", "per_unit_amount": "0.15"},
              {"from_value": 101, "to_value": null, "flat_amount": "0", "per_unit_amount": "0.1"}]}},
          {"billable_metric_code": "payments", "charge_model": "percentage",
           "properties": {"rate": "1", "fixed_amount": "0.5"}},
          {"billable_metric_code": "odd", "charge_model": "dynamic", "properties": {}}]}]}
      """;

  private static String notes(Converted converted) {
    return converted.notes().toString();
  }

  @Test
  void killBill_plansPhasesAndTiers_areCarriedOver() {
    Converted converted = Converted.of(Converted.From.KILL_BILL, "", KILL_BILL);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    Catalog catalog = CatalogYaml.parse("converted", converted.catalog());
    assertThat(catalog.name()).isEqualTo("weapons-hire");
    Plan monthly = catalog.plan("pistol-monthly").orElseThrow();
    assertThat(monthly.title()).isEqualTo("Pistol a month");
    assertThat(monthly.trialDays()).isEqualTo(30);
    assertThat(monthly.price(USD, Cycle.MONTHLY).orElseThrow().amount())
        .isEqualByComparingTo("29.95");
    assertThat(catalog.plan("pistol-annual").orElseThrow().price(USD, Cycle.YEARLY)).isPresent();
    PriceModel model = monthly.charges().getFirst().model(USD).orElseThrow();
    assertThat(model)
        .isInstanceOfSatisfying(
            PriceModel.Graduated.class,
            graduated -> {
              assertThat(graduated.tiers().get(0).upTo()).isEqualByComparingTo("10");
              assertThat(graduated.tiers().get(1).unitPrice()).isEqualByComparingTo("150");
              assertThat(graduated.tiers().get(1).size()).isEqualByComparingTo("100");
            });
    assertThat(catalog.addOn("scope")).isPresent();
    assertThat(catalog.plan("knife-once").orElseThrow().product()).isEqualTo("knife");
    assertThat(notes(converted)).contains("DISCOUNT", "rules", "knife-once");
  }

  @Test
  void killBill_addOnOfUsageAlone_becomesAChargeOfEveryPlan() {
    String scope = KILL_BILL.substring(KILL_BILL.indexOf("<plan name=\"scope-monthly\">"));
    String recurring =
        scope.substring(scope.indexOf("<recurring>"), scope.indexOf("</recurring>") + 12);
    String usage =
        """
        <usages><usage name="lenses" billingMode="IN_ARREAR" usageType="CONSUMABLE">
          <billingPeriod>MONTHLY</billingPeriod>
          <tiers><tier><blocks><tieredBlock><unit>lenses</unit><size>100</size>
            <prices><price><currency>USD</currency><value>2.95</value></price></prices>
            <max>-1</max></tieredBlock></blocks></tier></tiers>
        </usage></usages>
        """;
    String xml =
        KILL_BILL
            .replace(recurring, usage)
            .replace("<unit name=", "<unit name=\"lenses\"/><unit name=");
    Converted converted = Converted.of(Converted.From.KILL_BILL, "", xml);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    Catalog catalog = CatalogYaml.parse("converted", converted.catalog());
    assertThat(catalog.addOn("scope")).isEmpty();
    assertThat(catalog.plan("pistol-annual").orElseThrow().charges().getFirst().model(USD))
        .get()
        .isInstanceOf(PriceModel.Blocks.class);
    assertThat(notes(converted)).contains("usage alone");
  }

  @Test
  void killBill_whatWouldBillOtherwise_isNamed() {
    String xml =
        KILL_BILL
            .replace("<currency>EUR</currency>", "<currency>BTC</currency>")
            .replace(
                "<category>BASE</category>",
                "<category>BASE</category><included><addonProduct>Scope</addonProduct></included>")
            .replace("<max>-1</max>", "<max>7</max>");
    Converted converted = Converted.of(Converted.From.KILL_BILL, "", xml);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    assertThat(converted.catalog()).contains("29.95").doesNotContain("BTC", "27.95");
    assertThat(notes(converted))
        .contains("currency BTC", "it includes Scope", "goes on after 7 blocks");
  }

  @Test
  void lago_whatIsNotCarriedOver_isNamedFieldByField() {
    String said =
        LAGO.replace(
                "\"trial_period\"",
                """
                "fixed_charges": [{"add_on_code": "setup", "units": 2}],
                "entitlements": [{"code": "seats"}], "usage_thresholds": [],
                "pending_deletion": true, "of_tomorrow": 3, "trial_period\"""")
            .replace(
                "\"charge_model\": \"volume\"",
                "\"charge_model\": \"volume\", \"invoiceable\": false, \"prorated\": true");
    Converted converted = Converted.of(Converted.From.LAGO, "moved", said);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    assertThat(notes(converted))
        .contains("fixed_charges", "entitlements", "of_tomorrow", "no invoice", "prorated")
        .contains("trial of 4.5 days becomes 5", "archived")
        .doesNotContain("usage_thresholds", "charges_count");
    Catalog catalog = CatalogYaml.parse("converted", converted.catalog());
    assertThat(catalog.plan("startup").orElseThrow().archived()).isTrue();
  }

  @Test
  void lago_planThatCannotBeTaken_isLeftOutAndNamed() {
    Converted converted =
        Converted.of(
            Converted.From.LAGO,
            "moved",
            """
            [{"code": "n", "interval": "monthly", "amount_cents": 100, "amount_currency": "USD"},
             {"code": "N", "interval": "monthly", "amount_cents": 200, "amount_currency": "USD"},
             {"code": "odd", "interval": "fortnightly", "amount_currency": "USD"}]
            """);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    assertThat(CatalogYaml.parse("converted", converted.catalog()).plans()).hasSize(1);
    assertThat(notes(converted)).contains("plan N", "plan odd", "fortnightly");
  }

  @Test
  void lago_whatWouldBillOtherwise_isNamed() {
    String yearly =
        LAGO.replace("\"monthly\"", "\"yearly\"")
            .replace(
                "\"trial_period\"",
                "\"bill_charges_monthly\": true, \"taxes\": [{\"code\": \"vat\"}], \"trial_period\"");
    Converted converted = Converted.of(Converted.From.LAGO, "moved", yearly);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    assertThat(notes(converted)).contains("billed each month", "taxes", "first period");
  }

  @Test
  void lago_plansAndChargeModels_areCarriedOver() {
    Converted converted = Converted.of(Converted.From.LAGO, "moved", LAGO);
    assertThat(converted.applicable()).as(converted.catalog() + notes(converted)).isTrue();
    Catalog catalog = CatalogYaml.parse("converted", converted.catalog());
    Plan plan = catalog.plan("startup").orElseThrow();
    assertThat(plan.price(USD, Cycle.MONTHLY).orElseThrow().amount()).isEqualByComparingTo("100");
    assertThat(plan.trialDays()).isEqualTo(5);
    assertThat(plan.description()).isEqualTo("For the few: and \"more\"");
    assertThat(plan.charges()).hasSize(4);
    assertThat(plan.billed()).isEqualTo(Billed.IN_ARREARS);
    assertThat(plan.minimum().get(USD)).isNotNull();
    assertThat(notes(converted)).contains("dynamic", "as it was used");
  }

  @Test
  void whatIsNoCatalog_isRefused() {
    assertThatThrownBy(() -> Converted.of(Converted.From.KILL_BILL, "", "<plans/>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("<catalog>");
    assertThatThrownBy(
            () ->
                Converted.of(
                    Converted.From.KILL_BILL,
                    "",
                    "<!DOCTYPE c [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><catalog>&x;</catalog>"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Converted.of(Converted.From.LAGO, "", "{}"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
