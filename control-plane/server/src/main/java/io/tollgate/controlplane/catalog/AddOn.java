package io.tollgate.controlplane.catalog;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.joda.money.CurrencyUnit;

/**
 * Something sold on top of a plan.
 *
 * @param key unique in the catalog
 * @param title for people; appears on invoices
 * @param description one sentence; may be empty
 * @param unit what its quantity counts, such as {@code seat} or {@code 10 GB}; may be empty
 * @param plans keys of the plans it can be added to; never empty
 * @param maximum the greatest quantity, at least 1
 * @param recurring prices of a recurring add-on, per unit and period; empty for a one-off
 * @param oneOff prices of a one-off add-on, per unit; empty for a recurring one
 * @param effects what each unit gives
 * @param taxCategory key of the tax category
 * @param archived no longer sold; those who have it keep it
 * @param billed when a recurring add-on's fee is billed
 */
public record AddOn(
    String key,
    String title,
    String description,
    String unit,
    Set<String> plans,
    int maximum,
    List<Price> recurring,
    Map<CurrencyUnit, BigDecimal> oneOff,
    List<Effect> effects,
    String taxCategory,
    boolean archived,
    Billed billed) {
  /** An add-on billed in advance. */
  public AddOn(
      String key,
      String title,
      String description,
      String unit,
      Set<String> plans,
      int maximum,
      List<Price> recurring,
      Map<CurrencyUnit, BigDecimal> oneOff,
      List<Effect> effects,
      String taxCategory,
      boolean archived) {
    this(
        key,
        title,
        description,
        unit,
        plans,
        maximum,
        recurring,
        oneOff,
        effects,
        taxCategory,
        archived,
        Billed.IN_ADVANCE);
  }

  public AddOn {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
    plans = Set.copyOf(plans);
    recurring = List.copyOf(recurring);
    oneOff = Catalog.ordered(oneOff);
    effects = List.copyOf(effects);
    if (recurring.isEmpty() == oneOff.isEmpty()) {
      throw new IllegalArgumentException("an add-on is either recurring or one-off");
    }
    if (maximum < 1) {
      throw new IllegalArgumentException("maximum: at least 1, not " + maximum);
    }
  }

  /** The same, no longer sold. */
  public AddOn toArchive() {
    return new AddOn(
        key,
        title,
        description,
        unit,
        plans,
        maximum,
        recurring,
        oneOff,
        effects,
        taxCategory,
        true,
        billed);
  }

  /** Whether it is charged once instead of each period. */
  public boolean isOneOff() {
    return recurring.isEmpty();
  }

  /** Whether each period pays for units ahead. */
  public boolean paysAhead() {
    return !isOneOff() && effects.stream().anyMatch(Effect.Prepay.class::isInstance);
  }

  /**
   * The price of a recurring add-on for a subscription's cycle. A catalog that names only a shorter
   * cycle prices the longer one as whole multiples of it: a monthly add-on costs twelve months on a
   * yearly subscription.
   */
  public Optional<Price> price(CurrencyUnit currency, Cycle cycle) {
    for (Price price : recurring) {
      if (price.currency().equals(currency) && price.cycle().equals(cycle)) {
        return Optional.of(price);
      }
    }
    return recurring.stream()
        .filter(price -> price.currency().equals(currency) && price.amount() != null)
        .map(price -> price.scaledTo(cycle))
        .flatMap(Optional::stream)
        .findFirst();
  }
}
