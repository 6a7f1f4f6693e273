package io.tollgate.controlplane.payment.stripe;

import com.stripe.StripeClient;
import com.stripe.exception.StripeException;
import com.stripe.model.StripeCollection;
import com.stripe.model.tax.Calculation;
import com.stripe.model.tax.CalculationLineItem;
import com.stripe.param.tax.CalculationCreateParams;
import com.stripe.param.tax.CalculationCreateParams.CustomerDetails;
import com.stripe.param.tax.CalculationCreateParams.CustomerDetails.TaxabilityOverride;
import com.stripe.param.tax.CalculationCreateParams.LineItem.TaxBehavior;
import com.stripe.param.tax.CalculationLineItemListParams;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.tax.TaxLine;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.tax.TaxProvider;
import io.tollgate.controlplane.tax.TaxRules;
import io.tollgate.controlplane.tax.TaxUnavailableException;
import io.tollgate.controlplane.tax.TaxedLine;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.joda.money.Money;

/**
 * Taxes by Stripe Tax (Stripe API, {@code /v1/tax/calculations}), for catalogs that name no rates
 * of their own. It lives here, not in the tax room, because com.stripe has one importer.
 *
 * <p>One calculation taxes all lines over zero, a second one the credits among them, as amounts
 * over zero whose taxes are taken back: Stripe takes no negative amounts. A tax category whose code
 * is one of Stripe's ({@code txcd_...}) is sent; others leave the account's default. Thread-safe.
 */
public final class StripeTax implements TaxProvider {
  private static final long PAGE = 100;

  private final StripeClient client;
  private final StripeCalls calls;
  private final TaxProvider ownRates;

  /**
   * Taxes by the account of these settings.
   *
   * @param firstPause before a second attempt after an outage
   * @param ownRates for catalogs that name rates, and lines that are never taxed
   */
  public StripeTax(StripeSettings settings, Duration firstPause, TaxProvider ownRates) {
    client =
        StripeClient.builder()
            .setApiKey(settings.key().reveal())
            .setApiBase(settings.api().toString())
            .setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()))
            .setReadTimeout(Math.toIntExact(settings.readTimeout().toMillis()))
            .setMaxNetworkRetries(0)
            .build();
    calls = new StripeCalls(firstPause);
    this.ownRates = ownRates;
  }

  /** Lines that are asked for together. */
  private record Question(TaxProfile buyer, TaxRules rules, List<Taxable> lines) {}

  @Override
  public List<TaxedLine> tax(Seller seller, TaxProfile buyer, TaxRules rules, List<Taxable> lines) {
    if (!rules.areNone() || buyer.country().isEmpty()) {
      return ownRates.tax(seller, buyer, rules, lines);
    }
    Question question = new Question(buyer, rules, lines);
    Map<Integer, TaxedLine> taxed = new HashMap<>();
    taxed.putAll(asked(question, places(lines, 1)));
    taxed.putAll(asked(question, places(lines, -1)));
    List<TaxedLine> answer = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      TaxedLine one = taxed.get(i);
      answer.add(one == null ? untaxed(rules, lines.get(i)) : one);
    }
    return answer;
  }

  private static List<Integer> places(List<Taxable> lines, int sign) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean supply = !lines.get(i).category().equals(TaxRates.UNTAXED);
      if (supply && lines.get(i).amount().getAmount().signum() == sign) {
        places.add(i);
      }
    }
    return places;
  }

  private static TaxedLine untaxed(TaxRules rules, Taxable line) {
    return new TaxedLine(line.amount(), line.amount(), rules.code(line.category()), List.of());
  }

  private Map<Integer, TaxedLine> asked(Question question, List<Integer> places) {
    if (places.isEmpty()) {
      return Map.of();
    }
    try {
      Map<Integer, TaxedLine> taxed = new HashMap<>();
      for (CalculationLineItem item : items(params(question, places))) {
        int place = Integer.parseInt(item.getReference());
        taxed.put(place, taxed(question, question.lines().get(place), item));
      }
      if (!taxed.keySet().containsAll(places)) {
        throw new TaxUnavailableException("Stripe answered for other lines than were asked");
      }
      return taxed;
    } catch (StripeCalls.Outage e) {
      throw new TaxUnavailableException(String.valueOf(e.getMessage()));
    } catch (StripeException e) {
      throw new TaxUnavailableException(
          "Stripe refused: " + Objects.requireNonNullElse(e.getCode(), "no code"));
    }
  }

  private List<CalculationLineItem> items(CalculationCreateParams params)
      throws StripeCalls.Outage, StripeException {
    Calculation calculation = calls.run(() -> client.v1().tax().calculations().create(params));
    List<CalculationLineItem> items = new ArrayList<>();
    boolean more = true;
    while (more) {
      CalculationLineItemListParams.Builder page =
          CalculationLineItemListParams.builder().setLimit(PAGE).addExpand("data.tax_breakdown");
      if (!items.isEmpty()) {
        page.setStartingAfter(items.getLast().getId());
      }
      StripeCollection<CalculationLineItem> answer =
          calls.run(
              () ->
                  client
                      .v1()
                      .tax()
                      .calculations()
                      .lineItems()
                      .list(calculation.getId(), page.build()));
      items.addAll(answer.getData());
      more = Boolean.TRUE.equals(answer.getHasMore()) && !answer.getData().isEmpty();
    }
    return items;
  }

  private static CalculationCreateParams params(Question question, List<Integer> places) {
    List<Taxable> lines = question.lines();
    CalculationCreateParams.Builder params =
        CalculationCreateParams.builder()
            .setCurrency(StripeAmounts.currency(lines.get(places.getFirst()).amount()))
            .setCustomerDetails(customer(question.buyer()));
    for (int place : places) {
      Taxable line = lines.get(place);
      CalculationCreateParams.LineItem.Builder item =
          CalculationCreateParams.LineItem.builder()
              .setReference(String.valueOf(place))
              .setAmount(StripeAmounts.toStripe(line.amount().abs()))
              .setTaxBehavior(
                  question.rules().inclusive() ? TaxBehavior.INCLUSIVE : TaxBehavior.EXCLUSIVE);
      String code = question.rules().code(line.category());
      if (code.startsWith("txcd_")) {
        item.setTaxCode(code);
      }
      params.addLineItem(item.build());
    }
    return params.build();
  }

  private static CustomerDetails customer(TaxProfile buyer) {
    CustomerDetails.Address.Builder address =
        CustomerDetails.Address.builder().setCountry(buyer.country());
    if (!buyer.region().isEmpty()) {
      address.setState(buyer.region());
    }
    if (!buyer.place().line().isEmpty()) {
      address.setLine1(buyer.place().line());
    }
    if (!buyer.place().city().isEmpty()) {
      address.setCity(buyer.place().city());
    }
    if (!buyer.place().postalCode().isEmpty()) {
      address.setPostalCode(buyer.place().postalCode());
    }
    return CustomerDetails.builder()
        .setAddress(address.build())
        .setAddressSource(CustomerDetails.AddressSource.BILLING)
        .setTaxabilityOverride(
            !buyer.exemption().isEmpty()
                ? TaxabilityOverride.CUSTOMER_EXEMPT
                : buyer.reverseCharge()
                    ? TaxabilityOverride.REVERSE_CHARGE
                    : TaxabilityOverride.NONE)
        .build();
  }

  private static TaxedLine taxed(Question question, Taxable line, CalculationLineItem item) {
    boolean credit = line.amount().isNegative();
    Money tax = signed(item.getAmountTax(), line.amount(), credit);
    boolean inclusive = question.rules().inclusive();
    Money net = inclusive ? line.amount().minus(tax) : line.amount();
    List<TaxLine> taxes = new ArrayList<>();
    Money sum = Money.zero(tax.getCurrencyUnit());
    for (CalculationLineItem.TaxBreakdown part :
        Objects.requireNonNullElse(
            item.getTaxBreakdown(), List.<CalculationLineItem.TaxBreakdown>of())) {
      TaxLine shown = shown(question.buyer(), part, net, credit);
      taxes.add(shown);
      sum = sum.plus(shown.amount());
    }
    if (!sum.equals(tax)) {
      throw new TaxUnavailableException("Stripe's parts are " + sum + ", their sum is " + tax);
    }
    return new TaxedLine(net, net.plus(tax), question.rules().code(line.category()), taxes);
  }

  private static TaxLine shown(
      TaxProfile buyer, CalculationLineItem.TaxBreakdown part, Money net, boolean credit) {
    CalculationLineItem.TaxBreakdown.TaxRateDetails rate = part.getTaxRateDetails();
    String name = rate == null || rate.getDisplayName() == null ? "Tax" : rate.getDisplayName();
    BigDecimal percent =
        rate == null || rate.getPercentageDecimal() == null
            ? BigDecimal.ZERO
            : new BigDecimal(rate.getPercentageDecimal()).stripTrailingZeros();
    return new TaxLine(name, percent, net, signed(part.getAmount(), net, credit), note(buyer));
  }

  private static String note(TaxProfile buyer) {
    if (!buyer.exemption().isEmpty()) {
      return "exempt, certificate " + buyer.exemption();
    }
    return buyer.reverseCharge() ? "reverse charge: the recipient owes the tax" : "";
  }

  private static Money signed(Long units, Money like, boolean credit) {
    Money amount = StripeAmounts.fromStripe(units, like.getCurrencyUnit().getCode());
    return credit ? amount.negated() : amount;
  }
}
