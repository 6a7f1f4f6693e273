package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;

/** Reads numbers and prices, none of which is negative. */
final class Amounts {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private Amounts() {}

  static BigDecimal amount(YamlValue value) {
    BigDecimal amount = value.decimal();
    if (value.word().matches(".*[eE].*")) {
      throw value.mistake("write the digits out, not '" + value.word() + "'");
    }
    if (amount.signum() < 0) {
      throw value.mistake("a price is at least 0, not " + amount.toPlainString());
    }
    if (amount.precision() - amount.scale() > 15 || amount.scale() > 18) {
      throw value.mistake("at most 15 digits before and 18 after the point are expected");
    }
    return amount;
  }

  static BigDecimal positive(YamlValue value) {
    BigDecimal amount = amount(value);
    if (amount.signum() == 0) {
      throw value.mistake("a number above 0 is expected");
    }
    return amount;
  }

  static BigDecimal amount(YamlMap map, String key) {
    return map.find(key).map(Amounts::amount).orElse(BigDecimal.ZERO);
  }

  static BigDecimal percent(YamlValue value) {
    BigDecimal percent = amount(value);
    if (percent.compareTo(HUNDRED) > 0) {
      throw value.mistake("0 to 100 percent are expected, not " + percent.toPlainString());
    }
    return percent;
  }

  static CurrencyUnit currency(YamlMap map, String code) {
    try {
      return CurrencyUnit.of(code);
    } catch (IllegalCurrencyException e) {
      throw map.mistake(code, "'" + code + "' is no currency; an ISO 4217 code such as INR or USD");
    }
  }

  /** One unit price per currency, of any scale; none where the key is missing. */
  static Map<CurrencyUnit, BigDecimal> perCurrency(YamlMap map) {
    Map<CurrencyUnit, BigDecimal> amounts = new LinkedHashMap<>();
    for (String code : map.keys()) {
      amounts.put(currency(map, code), amount(map.value(code)));
    }
    return amounts;
  }

  /**
   * One amount per currency that is charged or granted as it stands: unlike a price, which is
   * multiplied before its line is rounded, it has no more decimals than the currency.
   */
  static Map<CurrencyUnit, BigDecimal> wholePerCurrency(YamlMap map) {
    Map<CurrencyUnit, BigDecimal> amounts = perCurrency(map);
    amounts.forEach(
        (currency, amount) -> {
          if (amount.stripTrailingZeros().scale() > currency.getDecimalPlaces()) {
            throw map.mistake(
                currency.getCode(),
                amount.toPlainString()
                    + " has more decimals than "
                    + currency.getCode()
                    + " ("
                    + currency.getDecimalPlaces()
                    + "); round it");
          }
        });
    return amounts;
  }

  private static Price price(CurrencyUnit currency, Cycle cycle, YamlValue value) {
    if (value.isMap()) {
      return new Price(currency, cycle, null, PriceModelReader.ofFee(value.map()));
    }
    boolean custom = value.word().equals("custom");
    return new Price(currency, cycle, custom ? null : amount(value));
  }

  /**
   * One price per currency and cycle; {@code custom} for one that is agreed with each buyer, a
   * model for one that depends on the quantity.
   */
  static List<Price> prices(YamlMap map) {
    List<Price> prices = new ArrayList<>();
    for (String code : map.keys()) {
      CurrencyUnit currency = currency(map, code);
      YamlMap cycles = map.map(code);
      for (String word : cycles.keys()) {
        Cycle cycle =
            Cycle.parse(word)
                .orElseThrow(
                    () -> cycles.mistake(word, "'" + word + "' is no cycle; use " + Cycle.ALLOWED));
        prices.add(price(currency, cycle, cycles.value(word)));
      }
    }
    return prices;
  }
}
