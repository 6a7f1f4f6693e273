package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Reads {@code coupons}. */
final class CouponReader {
  private static final Pattern CODE = Pattern.compile("[A-Z0-9][A-Z0-9_-]{0,63}");

  private CouponReader() {}

  static Map<String, Coupon> coupons(YamlMap map, Map<String, Plan> plans) {
    Map<String, Coupon> coupons = new LinkedHashMap<>();
    for (String code : map.keys()) {
      if (!CODE.matcher(code).matches()) {
        throw map.mistake(
            code, "'" + code + "' is no code: upper-case letters, digits, '_' and '-'");
      }
      coupons.put(code, coupon(code, map.map(code), plans));
    }
    return coupons;
  }

  private static Coupon coupon(String code, YamlMap map, Map<String, Plan> plans) {
    map.allow(
        "title",
        "percent",
        "amount",
        "periods",
        "plans",
        "redemptions",
        "expires",
        "order",
        "alone");
    @Nullable BigDecimal percent = map.find("percent").map(Amounts::percent).orElse(null);
    Map<CurrencyUnit, BigDecimal> amounts = Amounts.wholePerCurrency(map.map("amount"));
    if ((percent == null) == amounts.isEmpty()) {
      throw map.mistake("a coupon takes off either percent or an amount per currency; give one");
    }
    return new Coupon(
        code,
        CatalogYaml.text(map, "title", code),
        percent,
        amounts,
        periods(map),
        map.has("plans") ? AddOnReader.plans(map, plans) : Set.of(),
        map.find("redemptions").map(value -> value.integer(1, Integer.MAX_VALUE)).orElse(null),
        map.find("expires").map(CouponReader::instant).orElse(null),
        map.find("order").map(value -> value.integer(0, 1000)).orElse(100),
        CatalogYaml.flag(map, "alone"));
  }

  /** A number of periods, or {@code forever}; once by default. */
  private static @Nullable Integer periods(YamlMap map) {
    if (!map.has("periods")) {
      return 1;
    }
    YamlValue value = map.value("periods");
    return value.word().equals("forever") ? null : Integer.valueOf(value.integer(1, 1000));
  }

  private static Instant instant(YamlValue value) {
    try {
      return Instant.parse(value.word());
    } catch (DateTimeException e) {
      throw value.mistake("an instant such as 2027-01-01T00:00:00Z is expected");
    }
  }
}
