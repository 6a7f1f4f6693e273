package io.tollgate.controlplane.catalog.version;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogDiffTest {
  private static final String BASE =
      """
      catalog: shop
      meters:
        calls: {title: Calls, greatest-cost: 5}
      features:
        seats: {kind: limited, unit: seat}
        export: {}
        support: {kind: leveled, levels: [mail, phone]}
      plans:
        small:
          prices: {EUR: {monthly: 10}}
          features: {seats: 3, export: true, support: mail}
          limits:
            rate: {kind: rate, meter: calls, amount: 10, per: 1s}
            quota: {kind: quota, meter: calls, amount: 100, window: month}
          charges:
            calls:
              meter: calls
              prices:
                EUR: {model: graduated, tiers: [{up-to: 10, unit-price: 2}, {above: 10, unit-price: 1}]}
        large:
          prices: {EUR: {monthly: 20}}
          limits:
            rate: unlimited
            quota: unlimited
      add-ons:
        seat:
          plans: [small]
          prices: {EUR: {monthly: 1}}
          effects: [{feature: seats, add: 1}]
      """;

  @Test
  void between_versions_goesByTheFilesOrder() {
    String features = "";
    String values = "";
    for (String key : List.of("q", "w", "e", "r", "t", "y", "u", "i", "o", "p")) {
      features += key + ": {}, ";
      values += key + ": true, ";
    }
    String text =
        "catalog: shop\nfeatures: {%s}\nplans: {a: {prices: {EUR: {monthly: 1}}, features: {%s}}}";
    List<CatalogDiff.Difference> differences =
        CatalogDiff.between(
            CatalogYaml.parse("a.yaml", text.formatted(features, values)),
            CatalogYaml.parse("b.yaml", text.formatted(features, values.replace("true", "false"))));
    assertThat(differences)
        .extracting(each -> each.path().replace("plans.a.features.", "").substring(0, 1))
        .containsExactly("q", "w", "e", "r", "t", "y", "u", "i", "o", "p");
  }

  @Test
  void between_versions_speaksTheCatalogsWords() {
    Catalog before = CatalogYaml.parse("a.yaml", BASE);
    String changed =
        BASE.replace("{up-to: 10, unit-price: 2}", "{up-to: 10, unit-price: 2.50}")
            .replace("support: mail}", "support: phone}")
            .replace("effects: [{feature: seats, add: 1}]", "effects: [{feature: seats, add: 2}]")
            .replace("  large:", "  huge:");
    List<CatalogDiff.Difference> differences =
        CatalogDiff.between(before, CatalogYaml.parse("b.yaml", changed));
    assertThat(differences)
        .allSatisfy(
            each ->
                assertThat(each.path() + each.before() + each.after())
                    .doesNotContainPattern("[A-Za-z]+\\[[a-z]+=|Optional|@[0-9a-f]{4}"));
    assertThat(differences)
        .anySatisfy(
            each -> {
              assertThat(each.path())
                  .startsWith("plans.small.charges.calls.models.EUR.tiers[1]")
                  .endsWith("unit-price");
              assertThat(each.before()).isEqualTo("2");
              assertThat(each.after()).isEqualTo("2.50");
            });
    assertThat(differences)
        .anySatisfy(
            each -> {
              assertThat(each.path()).isEqualTo("plans.huge");
              assertThat(each.before()).isEmpty();
              assertThat(each.after())
                  .contains("key: huge")
                  .contains("prices: [{currency: EUR, cycle: monthly, amount: 20}]");
            });
  }
}
