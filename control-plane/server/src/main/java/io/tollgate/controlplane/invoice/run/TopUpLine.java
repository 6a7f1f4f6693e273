package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.wallet.TopUp;
import java.math.BigDecimal;
import java.util.List;
import org.joda.money.Money;

/** The one line of a top-up's invoice. */
final class TopUpLine {
  /** The line's item, for reports. */
  static final String ITEM = "wallet-top-up";

  private TopUpLine() {}

  /** Prepaid money is no supply yet: what it pays for later is taxed then. */
  static PricedLine of(TopUp topUp) {
    return new PricedLine(
        PricedLine.Kind.ONE_OFF,
        "",
        topUp.id(),
        ITEM,
        "Prepaid credit",
        BigDecimal.ONE,
        Money.of(topUp.currency(), topUp.amount()),
        new Period(topUp.at(), topUp.at().plusSeconds(1)),
        TaxRates.UNTAXED,
        List.of(new PricedLine.Part(BigDecimal.ONE, topUp.amount(), topUp.amount(), "once")));
  }
}
