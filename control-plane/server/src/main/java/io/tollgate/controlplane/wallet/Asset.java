package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.money.Amounts;
import java.math.BigDecimal;
import org.joda.money.CurrencyUnit;

/** What a wallet holds. */
public sealed interface Asset {
  /** Money of a currency; it pays invoices. */
  record Currency(CurrencyUnit unit) implements Asset {}

  /** Units of a meter; usage draws them before it is priced. */
  record Units(String meter) implements Asset {}

  /** As the database has it: {@code INR}, or {@code meter:sms}. */
  default String key() {
    return switch (this) {
      case Currency currency -> currency.unit().getCode();
      case Units units -> "meter:" + units.meter();
    };
  }

  /** As people name it: {@code INR}, or {@code sms}. */
  default String name() {
    return switch (this) {
      case Currency currency -> currency.unit().getCode();
      case Units units -> units.meter();
    };
  }

  /**
   * Whether an amount can be held: over zero, in range, and for money within the currency's minor
   * unit.
   */
  default boolean holds(BigDecimal amount) {
    return amount.signum() > 0
        && Amounts.isInRange(amount)
        && switch (this) {
          case Currency currency ->
              amount.stripTrailingZeros().scale() <= currency.unit().getDecimalPlaces();
          case Units units -> true;
        };
  }

  /** Reads what {@link #key} writes. */
  static Asset of(String key) {
    return key.startsWith("meter:")
        ? new Units(key.substring("meter:".length()))
        : new Currency(Amounts.currency(key));
  }
}
