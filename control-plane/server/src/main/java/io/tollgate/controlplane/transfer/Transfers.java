package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.util.Map;

/** Exports and imports over the API. Thread-safe. */
public final class Transfers implements Room {
  private final Exports exports;
  private final Imports imports;

  /** What is moved goes through these rooms. */
  public Transfers(
      Database database,
      Tenants tenants,
      Subscriptions subscriptions,
      Redemptions redemptions,
      Usage usage,
      Wallets wallets,
      InvoiceRoom invoices,
      Audit audit) {
    this.exports = new Exports(database, subscriptions, redemptions);
    this.imports =
        new Imports(
            new Imports.Parts(
                database,
                tenants,
                subscriptions,
                redemptions,
                usage,
                invoices.history(),
                new Accounts(
                    subscriptions, wallets.moves(), invoices.history(), invoices.billing()),
                audit));
  }

  /**
   * Brings rows as {@code POST /imports/{table}} does, all or none.
   *
   * @return {@code table}, {@code rows} and how many were {@code imported}
   * @throws Problem 404 for another table, 422 with each mistake and its line
   */
  public Map<String, Object> bring(Parcel parcel) {
    return imports.bring(parcel);
  }

  /**
   * One tenant's rows as {@code GET /exports/{table}} sends them, with their columns by name.
   *
   * @param table as in the path
   * @throws Problem 404 for another table
   */
  public JsonNode exported(String table, boolean csv, String tenant) {
    return Exported.rows(
        csv,
        exports.text(
            new Exports.Wanted(
                tenant,
                Table.of(table).orElseThrow(() -> Problem.notFound("export", table)),
                csv,
                tenant)));
  }

  @Override
  public void mount(Routes routes) {
    routes
        .download("/api/billing/exports/{table}", Role.READERS, exports::export)
        .query("format", "tenant");
    routes
        .postDirect("/api/billing/imports/{table}", Role.STAFF, imports::run)
        .accepts("application/json", "text/csv")
        .query("dryRun");
    routes
        .post("/api/billing/catalogs/conversions", Role.STAFF, (call, tx) -> converted(call))
        .accepts("application/json", "application/xml", "text/xml")
        .query("from", "name");
  }

  private static Reply converted(Call call) {
    Converted.From from =
        switch (call.requiredQuery("from")) {
          case "kill-bill" -> Converted.From.KILL_BILL;
          case "lago" -> Converted.From.LAGO;
          default -> throw Problem.invalid("from", "kill-bill or lago is expected");
        };
    try {
      return Reply.ok(Converted.of(from, call.query("name").orElse(""), call.text()));
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(String.valueOf(e.getMessage()));
    }
  }
}
