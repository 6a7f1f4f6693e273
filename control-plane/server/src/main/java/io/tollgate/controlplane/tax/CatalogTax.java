package io.tollgate.controlplane.tax;

import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.catalog.TaxRates.Rate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;

/**
 * Taxes by the catalogs' own rates. Pure and thread-safe.
 *
 * <p>Each line's tax is rounded once, HALF_UP, per rate; the halves of an Indian GST are split from
 * the rounded whole, so that they add up to it (they can differ by one minor unit). With inclusive
 * prices the tax is computed from the gross amount and the net is what remains.
 */
public final class CatalogTax implements TaxProvider {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  @Override
  public List<TaxedLine> tax(Seller seller, TaxProfile buyer, TaxRules rules, List<Taxable> lines) {
    return lines.stream().map(line -> tax(seller, buyer, rules, line)).toList();
  }

  private static TaxedLine tax(Seller seller, TaxProfile buyer, TaxRules rules, Taxable line) {
    if (line.category().equals(TaxRates.UNTAXED)) {
      return new TaxedLine(line.amount(), line.amount(), "", List.of());
    }
    List<Rate> fitting = rules.at(buyer, line.category());
    String code = rules.code(line.category());
    BigDecimal percent =
        fitting.stream().map(Rate::percent).reduce(BigDecimal.ZERO, BigDecimal::add);
    Money net = rules.inclusive() ? withoutTax(line.amount(), percent) : line.amount();
    if (!buyer.exemption().isEmpty()) {
      return untaxed(net, code, fitting, "exempt, certificate " + buyer.exemption());
    }
    if (buyer.reverseCharge()) {
      return untaxed(net, code, fitting, "reverse charge: the recipient owes the tax");
    }
    Money whole = rules.inclusive() ? line.amount().minus(net) : share(net, percent, HUNDRED);
    List<TaxLine> taxes = new ArrayList<>();
    Money left = whole;
    for (int i = 0; i < fitting.size(); i++) {
      Rate rate = fitting.get(i);
      Money amount = i == fitting.size() - 1 ? left : share(whole, rate.percent(), percent);
      left = left.minus(amount);
      taxes.addAll(shown(rate, net, amount, seller, buyer));
    }
    return new TaxedLine(net, net.plus(whole), code, taxes);
  }

  private static TaxedLine untaxed(Money net, String code, List<Rate> fitting, String note) {
    Money nothing = Money.zero(net.getCurrencyUnit());
    return new TaxedLine(
        net,
        net,
        code,
        fitting.stream()
            .map(rate -> new TaxLine(rate.name(), rate.percent(), net, nothing, note))
            .toList());
  }

  private static List<TaxLine> shown(
      Rate rate, Money net, Money amount, Seller seller, TaxProfile buyer) {
    return switch (rate.split()) {
      case NONE -> List.of(new TaxLine(rate.name(), rate.percent(), net, amount, ""));
      case INDIA_GST -> {
        boolean sameState =
            seller.country().equals(buyer.country())
                && !seller.region().isEmpty()
                && seller.region().equals(buyer.region());
        if (!sameState) {
          yield List.of(new TaxLine("IGST", rate.percent(), net, amount, ""));
        }
        BigDecimal half = rate.percent().divide(BigDecimal.TWO).stripTrailingZeros();
        // Of the whole, rounded once: the sum is the same across states; one half has the odd
        // paisa.
        Money central = amount.dividedBy(2, RoundingMode.HALF_UP);
        yield List.of(
            new TaxLine("CGST", half, net, central, ""),
            new TaxLine("SGST", half, net, amount.minus(central), ""));
      }
    };
  }

  private static Money withoutTax(Money gross, BigDecimal percent) {
    return share(gross, HUNDRED, HUNDRED.add(percent));
  }

  /** {@code amount * part / whole}, rounded once. */
  private static Money share(Money amount, BigDecimal part, BigDecimal whole) {
    if (whole.signum() == 0) {
      return Money.zero(amount.getCurrencyUnit());
    }
    BigDecimal exact =
        amount
            .getAmount()
            .multiply(part)
            .divide(whole, amount.getCurrencyUnit().getDecimalPlaces(), RoundingMode.HALF_UP);
    return Money.of(amount.getCurrencyUnit(), exact);
  }
}
