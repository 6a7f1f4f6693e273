package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Problem;

/** What wallets can be of, by what the catalogs count. */
record Assets(Catalogs catalogs) {
  /**
   * A wallet holds what usage could draw or an invoice could be paid with.
   *
   * @return the most digits after the point that either has
   */
  int decimals(Transaction tx, Asset asset) {
    return switch (asset) {
      case Asset.Currency currency -> {
        if (currency.unit().isPseudoCurrency()) {
          throw Problem.invalid("currency", "nothing is paid in " + asset.name());
        }
        yield currency.unit().getDecimalPlaces();
      }
      case Asset.Units units ->
          catalogs
              .decimals(tx, units.meter())
              .orElseThrow(
                  () ->
                      Problem.invalid(
                          "meter",
                          "no catalog has a meter or feature '"
                              + units.meter()
                              + "' that could be counted"));
    };
  }
}
