package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.web.Problem;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/** A subscription from another control plane, read and held against the catalogs here. */
final class Carried {
  private static final Pattern ID = Pattern.compile("sub_[0-9a-z]{1,60}");

  private Carried() {}

  static Problem wrong(String detail) {
    return Problem.invalid("asItStands", detail);
  }

  /** As it stood there, for a tenant and a catalog here. */
  static Subscription read(String text, String tenant, String catalog) {
    Subscription there;
    try {
      there = SubscriptionJson.read(text);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw wrong("is not what an export says");
    }
    Object[] needed = {
      there.product(), there.currency(), there.cycle(), there.recurrence(), there.current()
    };
    if (Arrays.stream(needed).anyMatch(Objects::isNull)
        || !ID.matcher(there.id()).matches()
        || there.items().isEmpty()
        || there.revision() < 1) {
      throw wrong("is not what an export says");
    }
    return new Subscription(
        there.id(),
        tenant,
        catalog,
        there.version(),
        there.product(),
        there.currency(),
        there.cycle(),
        there.recurrence(),
        there.current(),
        there.state(),
        there.cancelAt(),
        there.refundAtEnd(),
        there.items(),
        there.scheduled(),
        there.revision(),
        there.pauses(),
        there.chargedTo());
  }

  /** Refuses what the catalogs here do not sell as those there did. */
  static void check(Subscription brought, IntFunction<Optional<CatalogVersion>> versions) {
    for (SubscriptionItem item : brought.items()) {
      int number = Objects.requireNonNullElse(item.version(), brought.version());
      Catalog catalog = catalog(brought, number, versions);
      boolean sold =
          switch (item.kind()) {
            case PLAN -> catalog.plan(item.key()).isPresent();
            case ADD_ON -> catalog.addOn(item.key()).isPresent();
          };
      if (!sold) {
        throw wrong(brought.catalog() + "@" + number + " has no '" + item.key() + "' here");
      }
    }
    brought.scheduled().forEach(change -> catalog(brought, change.version(), versions));
  }

  private static Catalog catalog(
      Subscription brought, int number, IntFunction<Optional<CatalogVersion>> versions) {
    return versions
        .apply(number)
        .orElseThrow(
            () ->
                wrong(
                    "there is no "
                        + brought.catalog()
                        + "@"
                        + number
                        + " here; apply the catalog's versions in the same order first"))
        .catalog();
  }
}
