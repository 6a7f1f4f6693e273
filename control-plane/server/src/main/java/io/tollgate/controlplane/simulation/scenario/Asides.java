package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.document.Documents;
import io.tollgate.controlplane.invoice.document.TemplateException;
import io.tollgate.controlplane.simulation.ReratingResult;
import io.tollgate.controlplane.simulation.Reratings;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.transfer.Parcel;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;

/**
 * Does what the steps of one scenario say that need transactions of their own: re-ratings, exports,
 * imports, documents. What came of the last of each kind is kept by tenant. Not thread-safe.
 */
final class Asides {
  private final Stage stage;

  Asides(Stage stage) {
    this.stage = stage;
  }

  /** Does a step; what it says that does not hold. A refusal is a {@link Problem}. */
  List<String> take(Step step, Action.Aside action) {
    return switch (action) {
      case Action.Collect a -> collected(step);
      case Action.Rerate a -> keep(step, "rerating", rerated(a));
      case Action.Export a -> keep(step, "export", exported(step, a));
      case Action.Import a -> keep(step, "import", imported(a));
      case Action.Print a -> printed(step, a);
    };
  }

  private List<String> keep(Step step, String name, JsonNode result) {
    stage.keep(step, name, result);
    return List.of();
  }

  private ScenarioRunner.Rooms rooms() {
    return stage.rooms();
  }

  /** An attempt at the oldest open invoice, as {@code POST /invoices/{id}/collect} makes one. */
  private List<String> collected(Step step) {
    List<Invoice> open =
        rooms()
            .database()
            .inTransaction(tx -> rooms().invoices().invoices().open(tx, stage.tenant(step)));
    if (open.isEmpty()) {
      throw Problem.conflict("no invoice is open; there is nothing to collect");
    }
    rooms().payments().collect(open.getFirst().id(), Stage.ACTOR);
    return List.of();
  }

  private JsonNode rerated(Action.Rerate a) {
    Reratings.Draft draft =
        new Reratings.Draft(
            Catalogs.draftAs(a.file(), a.catalog(), stage.catalog()), a.invoices(), Stage.ACTOR);
    ReratingResult result = rooms().reratings().rerated(draft);
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("invoices", result.invoices());
    node.put("tenants", result.tenants());
    ObjectNode currencies = node.putObject("currencies");
    result.currencies().forEach(sums -> currencies.set(sums.currency(), sums(sums)));
    ArrayNode unbillable = node.putArray("unbillable");
    result
        .unbillable()
        .forEach(
            each ->
                unbillable
                    .addObject()
                    .put("problem", each.problem())
                    .put("invoices", each.invoices()));
    return node;
  }

  private JsonNode sums(ReratingResult.OfCurrency sums) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("invoices", sums.invoices());
    put(node, sums.before(), sums.after(), sums.difference());
    node.put("dearer", sums.dearer()).put("cheaper", sums.cheaper()).put("same", sums.same());
    ArrayNode most = node.putArray("most-changed");
    for (ReratingResult.OfTenant tenant : sums.mostChanged()) {
      ObjectNode own = most.addObject();
      own.put("tenant", stage.plain(tenant.tenant()));
      put(own, tenant.before(), tenant.after(), tenant.difference());
      ArrayNode invoices = own.putArray("invoices");
      for (ReratingResult.OfInvoice invoice : tenant.invoices()) {
        invoices
            .addObject()
            .put("number", stage.plain(invoice.number()))
            .put("issued", invoice.issuedOn().toString())
            .put("before", invoice.before().getAmount().toPlainString())
            .put("after", invoice.after().getAmount().toPlainString());
      }
    }
    return node;
  }

  private static void put(ObjectNode node, Money before, Money after, Money difference) {
    node.put("before", before.getAmount().toPlainString());
    node.put("after", after.getAmount().toPlainString());
    node.put("difference", difference.getAmount().toPlainString());
  }

  private JsonNode exported(Step step, Action.Export a) {
    JsonNode rows = rooms().transfers().exported(a.table(), a.csv(), stage.tenant(step));
    ObjectNode node = Wire.mapper().createObjectNode();
    node.set("rows", Wire.tree(stage.plain(rows.toString())));
    return node;
  }

  private JsonNode imported(Action.Import a) {
    Map<String, Object> answer =
        rooms()
            .transfers()
            .bring(
                new Parcel(
                    Stage.ACTOR,
                    a.table(),
                    a.csv(),
                    a.text(),
                    a.dryRun(),
                    row -> own(a.table(), row)));
    return Wire.mapper().valueToTree(answer);
  }

  /** A row that names the scenario's tenants, catalog and clock by what they are called here. */
  private void own(String table, ObjectNode row) {
    String id = table.equals("tenants") ? "id" : "tenant";
    for (String name : List.of(id, "number", "corrects")) {
      if (row.has(name)) {
        row.put(name, stage.prefix() + row.path(name).asText());
      }
    }
    if (table.equals("tenants")) {
      row.put("testClock", stage.clock());
    }
    if (table.equals("subscriptions")) {
      row.put("catalog", stage.catalog());
    }
  }

  private List<String> printed(Step step, Action.Print a) {
    Documents documents = a.templates() == null ? rooms().documents() : own(a.templates());
    InvoiceDetails details = invoice(step, a);
    String text =
        a.pdf()
            ? Documents.textOf(documents.pdf(details))
            : Documents.textOf(documents.html(details));
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("format", a.pdf() ? "pdf" : "html");
    node.put("text", stage.plain(text));
    keep(step, "document", node);
    List<String> missing = new ArrayList<>();
    for (String piece : a.contains()) {
      if (!stage.plain(text).contains(piece)) {
        missing.add("'" + piece + "' does not stand in the document");
      }
    }
    return missing;
  }

  private static Documents own(Path templates) {
    try {
      Documents.check(templates);
      return new Documents(templates);
    } catch (TemplateException e) {
      throw Problem.invalid("templates", String.valueOf(e.getMessage()));
    }
  }

  private InvoiceDetails invoice(Step step, Action.Print a) {
    return rooms()
        .database()
        .inTransaction(
            tx -> rooms().invoices().invoices().asPrinted(tx, stage.invoice(tx, step, a.number())));
  }
}
