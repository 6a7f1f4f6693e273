package io.tollgate.controlplane.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.PriceModel.Blocks;
import io.tollgate.controlplane.catalog.PriceModel.Cap;
import io.tollgate.controlplane.catalog.PriceModel.Flat;
import io.tollgate.controlplane.catalog.PriceModel.Graduated;
import io.tollgate.controlplane.catalog.PriceModel.GraduatedPercentage;
import io.tollgate.controlplane.catalog.PriceModel.Included;
import io.tollgate.controlplane.catalog.PriceModel.Minimum;
import io.tollgate.controlplane.catalog.PriceModel.PerUnit;
import io.tollgate.controlplane.catalog.PriceModel.Percentage;
import io.tollgate.controlplane.catalog.PriceModel.PrepaidBlocks;
import io.tollgate.controlplane.catalog.PriceModel.Stairstep;
import io.tollgate.controlplane.catalog.PriceModel.Step;
import io.tollgate.controlplane.catalog.PriceModel.Threshold;
import io.tollgate.controlplane.catalog.PriceModel.Tier;
import io.tollgate.controlplane.catalog.PriceModel.TransactionPercentage;
import io.tollgate.controlplane.catalog.PriceModel.Volume;
import io.tollgate.controlplane.catalog.PriceModel.VolumeDiscount;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PriceModelsTest {
  /** Document 004's tiers: 0.10 up to 1,000, 0.08 up to 10,000, 0.05 above. */
  private static final List<Tier> DOCUMENT_004 =
      List.of(tier("1000", "0.1"), tier("10000", "0.08"), tier(null, "0.05"));

  /** Document 004's volume discount: strictly more than 10,000: 10 %, than 100,000: 20 %. */
  private static final List<Threshold> THRESHOLDS =
      List.of(threshold("10000", "10"), threshold("100000", "20"));

  @Test
  void graduated_atAndAroundEachEdge_pricesTheLastUnitInItsTier() {
    PriceModel model = new Graduated(DOCUMENT_004);
    assertPrice(model, "0", "0");
    assertPrice(model, "1", "0.1");
    assertPrice(model, "1000", "100");
    assertPrice(model, "1000.5", "100.04");
    assertPrice(model, "1001", "100.08");
    assertPrice(model, "10000", "820");
    assertPrice(model, "10001", "820.05");
    assertPrice(model, "12345", "937.25");
  }

  @Test
  void graduated_flatPerTier_isAddedOncePerTierReached() {
    PriceModel model =
        new Graduated(List.of(new Tier(d("10"), d("1"), d("5")), new Tier(null, d("2"), d("7"))));
    assertPrice(model, "10", "15");
    assertPrice(model, "11", "24");
    assertPrice(model, "0", "0");
  }

  @Test
  void unused_whereTheFirstTierBeginsAtNothing_isItsFlatAmount() {
    PriceModel tiers =
        new Graduated(List.of(new Tier(d("10"), d("1"), d("5")), new Tier(null, d("2"), d("7"))));
    PriceModel model = new PriceModel.Unused(tiers, d("5"));
    assertPrice(model, "0", "5");
    assertPrice(model, "10", "15");
    assertPrice(new Included(d("3"), model), "3", "5");
    assertPrice(new Included(d("3"), model), "4", "6");
    assertPrice(new Cap(model, d("4")), "0", "4");
  }

  @Test
  void volume_atTheEdge_pricesAllUnitsInOneTier() {
    PriceModel model = new Volume(DOCUMENT_004);
    assertPrice(model, "1000", "100");
    assertPrice(model, "1001", "80.08");
    assertPrice(model, "10000", "800");
    assertPrice(model, "10000.1", "500.005");
    assertPrice(model, "0", "0");
  }

  @Test
  void blocks_begunOnes_countWhole() {
    PriceModel model = new Blocks(d("1000"), d("199"), d("500"));
    assertPrice(model, "500", "0");
    assertPrice(model, "500.001", "199");
    assertPrice(model, "1500", "199");
    assertPrice(model, "1501", "398");
  }

  @Test
  void stairstep_atTheEdge_staysOnTheStep() {
    PriceModel model =
        new Stairstep(
            List.of(
                new Step(d("10"), d("50")), new Step(d("20"), d("80")), new Step(null, d("120"))));
    assertPrice(model, "0", "0");
    assertPrice(model, "10", "50");
    assertPrice(model, "10.01", "80");
    assertPrice(model, "21", "120");
  }

  @Test
  void percentage_withFixedFeeAndBounds_isClamped() {
    PriceModel model = new Percentage(d("2.9"), d("0.30"), d("1"), d("50"));
    assertPrice(model, "0", "0");
    assertPrice(model, "10", "1");
    assertPrice(model, "100", "3.2");
    assertPrice(model, "10000", "50");
  }

  /** Lago's percentage charge: each transaction has its fee and its bounds. */
  @Test
  void transactionPercentage_eachTransaction_isClamped() {
    PriceModel model = new TransactionPercentage(d("2.9"), d("0.30"), d("1"), d("50"), null, null);
    assertTransactions(model, "1", "10");
    assertTransactions(model, "4.2", "10", "100");
    assertTransactions(model, "54.2", "10", "100", "10000");
    assertTransactions(model, "50", "10", "100", "10000", "-100", "-10");
    assertThat(PriceModels.rate(model, d("200"), BigDecimal.ZERO, List.of(d("100"))).amount())
        .as("what was not told one by one is charged its share alone")
        .isEqualByComparingTo("6.1");
  }

  @Test
  void transactionPercentage_freeOnes_endWithWhatIsReachedFirst() {
    PriceModel count = new TransactionPercentage(d("1"), d("1"), null, null, 2L, null);
    assertTransactions(count, "0", "500", "500");
    assertTransactions(count, "6", "500", "500", "500");
    PriceModel amount = new TransactionPercentage(d("1"), d("1"), null, null, null, d("600"));
    assertTransactions(amount, "0", "500", "100");
    assertTransactions(amount, "5", "500", "500");
    PriceModel both = new TransactionPercentage(d("1"), d("1"), null, null, 2L, d("600"));
    assertTransactions(both, "2", "10", "10", "100");
    assertTransactions(both, "5", "500", "500");
  }

  @Property
  void transactionPercentage_isTheSumOfItsTransactions(
      @ForAll @Size(max = 20) List<@BigRange(min = "0.01", max = "5000") @Scale(2) BigDecimal> each,
      @ForAll @BigRange(min = "0", max = "10") @Scale(2) BigDecimal percent,
      @ForAll @BigRange(min = "0", max = "3") @Scale(2) BigDecimal fixed) {
    PriceModel model = new TransactionPercentage(percent, fixed, d("1.5"), d("40"), null, null);
    BigDecimal sum = BigDecimal.ZERO;
    for (BigDecimal one : each) {
      BigDecimal fee = one.multiply(percent).movePointLeft(2).add(fixed);
      sum = sum.add(fee.max(d("1.5")).min(d("40")));
    }
    BigDecimal quantity = each.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(PriceModels.rate(model, quantity, BigDecimal.ZERO, each).amount())
        .isEqualByComparingTo(sum);
  }

  private static void assertTransactions(PriceModel model, String amount, String... each) {
    List<BigDecimal> transactions = Arrays.stream(each).map(PriceModelsTest::d).toList();
    BigDecimal quantity = transactions.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(PriceModels.rate(model, quantity, BigDecimal.ZERO, transactions).amount())
        .isEqualByComparingTo(amount);
  }

  @Test
  void graduatedPercentage_eachPart_hasItsOwnRate() {
    PriceModel model = new GraduatedPercentage(List.of(tier("1000", "2"), tier(null, "1")));
    assertPrice(model, "1500", "25");
  }

  @Test
  void volumeDiscount_atTheThreshold_takesOffNothingYet() {
    PriceModel model = new VolumeDiscount(new PerUnit(d("0.01")), THRESHOLDS);
    assertPrice(model, "10000", "100");
    assertPrice(model, "10001", "90.009");
    assertPrice(model, "100000", "900");
    assertPrice(model, "100001", "800.008");
  }

  @Test
  void included_unitsWithin_costNothing() {
    PriceModel model = new Included(d("100"), new PerUnit(d("0.5")));
    assertPrice(model, "100", "0");
    assertPrice(model, "101", "0.5");
  }

  @Test
  void minimumAndCap_boundTheAmount() {
    PriceModel model = new Cap(new Minimum(new PerUnit(d("1")), d("10")), d("20"));
    assertPrice(model, "0", "10");
    assertPrice(model, "10", "10");
    assertPrice(model, "15", "15");
    assertPrice(model, "25", "20");
  }

  @Test
  void flat_withoutUsage_isStillCharged() {
    assertPrice(new Flat(d("9.99")), "0", "9.99");
  }

  @Test
  void prepaidBlocks_whatIsLeft_isCarriedOver() {
    PriceModel model = new PrepaidBlocks(d("1000"), d("199"));
    Rated first = PriceModels.rate(model, d("1200"));
    assertThat(first.amount()).isEqualByComparingTo("398");
    assertThat(first.carriedOver()).isEqualByComparingTo("800");
    Rated second = PriceModels.rate(model, d("800"), first.carriedOver());
    assertThat(second.amount()).isEqualByComparingTo("0");
    assertThat(second.carriedOver()).isEqualByComparingTo("0");
  }

  @Test
  void rate_negativeQuantity_isRefused() {
    assertThatThrownBy(() -> PriceModels.rate(new PerUnit(d("1")), d("-1")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void graduated_moreUnits_neverCostLess(
      @ForAll @BigRange(min = "0", max = "200000") @Scale(3) BigDecimal some,
      @ForAll @BigRange(min = "0", max = "50000") @Scale(3) BigDecimal more) {
    PriceModel model = new Graduated(DOCUMENT_004);
    assertThat(amount(model, some.add(more))).isGreaterThanOrEqualTo(amount(model, some));
  }

  /** All but volume prices and volume discounts, which lower the whole amount at an edge. */
  @Provide
  Arbitrary<PriceModel> rising() {
    Arbitrary<BigDecimal> prices =
        Arbitraries.bigDecimals().between(BigDecimal.ZERO, d("9")).ofScale(4);
    Arbitrary<BigDecimal> sizes = Arbitraries.bigDecimals().between(d("1"), d("5000")).ofScale(1);
    Arbitrary<List<Tier>> tiers =
        Combinators.combine(sizes.list().ofMaxSize(4), prices.list().ofSize(10))
            .as(PriceModelsTest::tiers);
    Arbitrary<PriceModel> plain =
        Arbitraries.oneOf(
            prices.map(PerUnit::new),
            tiers.map(Graduated::new),
            tiers.map(GraduatedPercentage::new),
            Combinators.combine(sizes, prices, sizes).as(Blocks::new),
            Combinators.combine(prices, prices)
                .as((percent, fixed) -> new Percentage(percent, fixed, fixed, d("400"))),
            tiers.map(PriceModelsTest::steps));
    return Combinators.combine(plain, sizes, prices, sizes)
        .as(
            (model, included, minimum, cap) ->
                new Cap(new Minimum(new Included(included, model), minimum), minimum.add(cap)));
  }

  @Property
  void risingModels_moreUnits_neverCostLess(
      @ForAll("rising") PriceModel model,
      @ForAll @BigRange(min = "0", max = "20000") @Scale(3) BigDecimal some,
      @ForAll @BigRange(min = "0", max = "9000") @Scale(3) BigDecimal more) {
    assertThat(amount(model, some.add(more))).isGreaterThanOrEqualTo(amount(model, some));
  }

  /** Tiers of these widths; prices and flat fees in turn. */
  private static List<Tier> tiers(List<BigDecimal> widths, List<BigDecimal> prices) {
    List<Tier> tiers = new ArrayList<>();
    BigDecimal reached = BigDecimal.ZERO;
    for (int i = 0; i < widths.size(); i++) {
      reached = reached.add(widths.get(i));
      tiers.add(new Tier(reached, prices.get(2 * i), prices.get(2 * i + 1)));
    }
    tiers.add(new Tier(null, prices.get(8), prices.get(9)));
    return tiers;
  }

  private static PriceModel steps(List<Tier> tiers) {
    List<Step> steps = new ArrayList<>();
    BigDecimal amount = BigDecimal.ZERO;
    for (Tier tier : tiers) {
      amount = amount.add(tier.unitPrice());
      steps.add(new Step(tier.upTo(), amount));
    }
    return new Stairstep(steps);
  }

  /** No jump at an edge: a unit's fraction costs at most its share of the dearest unit price. */
  @Property
  void graduated_withoutFlats_isContinuous(
      @ForAll @BigRange(min = "0", max = "200000") @Scale(3) BigDecimal quantity) {
    PriceModel model = new Graduated(DOCUMENT_004);
    BigDecimal step = d("0.001");
    BigDecimal rise = amount(model, quantity.add(step)).subtract(amount(model, quantity));
    assertThat(rise).isBetween(step.multiply(d("0.05")), step.multiply(d("0.1")));
  }

  @Property
  void everyModel_partsSumToTheAmount(
      @ForAll @BigRange(min = "0", max = "200000") @Scale(3) BigDecimal quantity) {
    PriceModel model =
        new Cap(
            new Minimum(
                new VolumeDiscount(new Included(d("100"), new Graduated(DOCUMENT_004)), THRESHOLDS),
                d("20")),
            d("5000"));
    Rated rated = PriceModels.rate(model, quantity);
    BigDecimal sum =
        rated.parts().stream()
            .map(PricedLine.Part::amount)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(rated.amount()).isEqualByComparingTo(sum).isBetween(d("20"), d("5000"));
  }

  @Property
  void prepaidBlocks_periodByPeriod_buyAsManyBlocksAsAtOnce(
      @ForAll @BigRange(min = "0", max = "20000") @Scale(0) BigDecimal one,
      @ForAll @BigRange(min = "0", max = "20000") @Scale(0) BigDecimal two) {
    PriceModel model = new PrepaidBlocks(d("1000"), d("199"));
    Rated first = PriceModels.rate(model, one);
    Rated second = PriceModels.rate(model, two, first.carriedOver());
    assertThat(first.amount().add(second.amount()))
        .isEqualByComparingTo(amount(model, one.add(two)));
  }

  private static void assertPrice(PriceModel model, String quantity, String expected) {
    assertThat(amount(model, d(quantity))).as("%s units", quantity).isEqualByComparingTo(expected);
  }

  private static BigDecimal amount(PriceModel model, BigDecimal quantity) {
    return PriceModels.rate(model, quantity).amount();
  }

  private static Tier tier(@Nullable String upTo, String price) {
    return new Tier(upTo == null ? null : d(upTo), d(price), BigDecimal.ZERO);
  }

  private static Threshold threshold(String moreThan, String percent) {
    return new Threshold(d(moreThan), d(percent));
  }

  private static BigDecimal d(String number) {
    return new BigDecimal(number);
  }
}
