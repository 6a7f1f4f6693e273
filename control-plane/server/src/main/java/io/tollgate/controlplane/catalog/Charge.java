package io.tollgate.controlplane.catalog;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.CurrencyUnit;

/**
 * Usage of one meter, priced at the period's end (in arrears).
 *
 * @param key unique in its plan
 * @param title for people; appears on invoices
 * @param meter the meter whose sum over the period is priced
 * @param models how, per currency; every currency of the plan has one
 * @param taxCategory key of the tax category
 */
public record Charge(
    String key,
    String title,
    String meter,
    Map<CurrencyUnit, PriceModel> models,
    String taxCategory) {
  public Charge {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(meter, "meter");
    models = Catalog.ordered(models);
  }

  /** The price model in a currency. */
  public Optional<PriceModel> model(CurrencyUnit currency) {
    return Optional.ofNullable(models.get(currency));
  }
}
