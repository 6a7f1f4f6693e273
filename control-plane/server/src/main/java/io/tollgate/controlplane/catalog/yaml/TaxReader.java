package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.catalog.TaxRates.Category;
import io.tollgate.controlplane.catalog.TaxRates.Rate;
import io.tollgate.controlplane.catalog.TaxRates.Rounding;
import io.tollgate.controlplane.catalog.TaxRates.Split;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code taxes}. */
final class TaxReader {
  private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");

  private TaxReader() {}

  static TaxRates taxes(YamlMap map) {
    map.allow("inclusive", "rounding", "categories", "rates");
    boolean inclusive = CatalogYaml.flag(map, "inclusive");
    Rounding rounding =
        map.find("rounding").map(value -> value.oneOf(Rounding.class)).orElse(Rounding.LINE);
    Map<String, Category> categories = new LinkedHashMap<>();
    categories.put(TaxRates.STANDARD, new Category(TaxRates.STANDARD, ""));
    YamlMap list = map.map("categories");
    for (String key : CatalogYaml.keys(list)) {
      YamlMap category = list.map(key);
      String code = category.find("code").map(YamlValue::word).orElse("");
      categories.put(key, new Category(key, code));
      category.close();
    }
    List<Rate> rates = new ArrayList<>();
    for (YamlValue value : map.list("rates")) {
      Rate rate = rate(value.map(), categories);
      if (rates.stream().anyMatch(other -> isForTheSame(other, rate))) {
        throw value.mistake(
            "a rate of the same name, place and category stands above it; leave one out");
      }
      rates.add(rate);
    }
    return new TaxRates(inclusive, categories, rates, rounding);
  }

  private static boolean isForTheSame(Rate one, Rate other) {
    return one.name().equals(other.name())
        && one.country().equals(other.country())
        && one.region().equals(other.region())
        && one.category().equals(other.category());
  }

  private static Rate rate(YamlMap map, Map<String, Category> categories) {
    map.allow("name", "country", "region", "category", "percent", "split");
    BigDecimal percent = Amounts.percent(map.value("percent"));
    Rate rate =
        new Rate(
            map.value("name").text(),
            country(map, null),
            CatalogYaml.text(map, "region", ""),
            map.find("category")
                .map(
                    value ->
                        CatalogYaml.known(categories, value, "tax category", "taxes.categories")
                            .key())
                .orElse(""),
            percent,
            map.find("split").map(value -> value.oneOf(Split.class)).orElse(Split.NONE));
    if (rate.split() == Split.INDIA_GST && !rate.country().equals("IN")) {
      throw map.mistake("split", "india-gst is for country IN, not " + rate.country());
    }
    return rate;
  }

  /** An ISO 3166-1 alpha-2 code; mandatory where there is no default. */
  static String country(YamlMap map, @Nullable String byDefault) {
    if (byDefault != null && !map.has("country")) {
      map.find("country");
      return byDefault;
    }
    return map.value("country").text(COUNTRY, "an ISO 3166-1 country code such as IN or DE");
  }
}
