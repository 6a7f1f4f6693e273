package io.tollgate.controlplane.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.document.Documents;
import io.tollgate.controlplane.simulation.Scenario.Step;
import io.tollgate.controlplane.transfer.Parcel;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.joda.money.Money;

/**
 * Does what the steps of one scenario say that need transactions of their own: re-ratings, exports,
 * imports, documents. What came of the last of each kind is kept by tenant. Not thread-safe.
 */
final class Asides {
  private final ScenarioRunner.Rooms rooms;
  private final String prefix;
  private final String catalog;
  private final String clock;
  private final Map<String, Map<String, JsonNode>> results = new HashMap<>();

  /**
   * What one scenario does.
   *
   * @param prefix before every tenant's id, so that scenarios share a database
   * @param catalog name of the scenario's catalog
   * @param clock on which imported tenants live
   */
  Asides(ScenarioRunner.Rooms rooms, String prefix, String catalog, String clock) {
    this.rooms = rooms;
    this.prefix = prefix;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** What came of a tenant's steps, by name: {@code rerating}, {@code export} and so on. */
  Map<String, JsonNode> of(String tenant) {
    return results.getOrDefault(tenant, Map.of());
  }

  /** Does a step; what it says that does not hold. A refusal is a {@link Problem}. */
  List<String> take(Step step, Action.Aside action) {
    return switch (action) {
      case Action.Rerate a -> keep(step, "rerating", rerated(a));
      case Action.Export a -> keep(step, "export", exported(step, a));
      case Action.Import a -> keep(step, "import", imported(a));
      case Action.Print a -> printed(step, a);
    };
  }

  private List<String> keep(Step step, String name, JsonNode result) {
    results.computeIfAbsent(step.tenant(), tenant -> new HashMap<>()).put(name, result);
    return List.of();
  }

  private JsonNode rerated(Action.Rerate a) {
    Reratings.Draft draft =
        new Reratings.Draft(
            Catalogs.draftAs(a.file(), a.catalog(), catalog), a.invoices(), Acting.ACTOR);
    ReratingResult result =
        Await.result(rooms.reratings().run(rooms.reratings().begin(draft), draft));
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
      own.put("tenant", plain(tenant.tenant()));
      put(own, tenant.before(), tenant.after(), tenant.difference());
      ArrayNode invoices = own.putArray("invoices");
      for (ReratingResult.OfInvoice invoice : tenant.invoices()) {
        invoices
            .addObject()
            .put("number", plain(invoice.number()))
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
    ObjectNode node = Wire.mapper().createObjectNode();
    ArrayNode rows = node.putArray("rows");
    for (Map<String, String> row :
        rooms.transfers().exported(a.table(), a.csv(), prefix + step.tenant())) {
      ObjectNode cells = rows.addObject();
      row.forEach((column, cell) -> put(cells, column, plain(cell)));
    }
    return node;
  }

  /** A column such as {@code billing.city} is a member of {@code billing}. */
  private static void put(ObjectNode cells, String column, String cell) {
    int dot = column.indexOf('.');
    if (dot < 0) {
      cells.put(column, cell);
    } else {
      put(cells.withObjectProperty(column.substring(0, dot)), column.substring(dot + 1), cell);
    }
  }

  private JsonNode imported(Action.Import a) {
    Map<String, Object> answer =
        rooms
            .transfers()
            .bring(
                new Parcel(
                    Acting.ACTOR,
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
        row.put(name, prefix + row.path(name).asText());
      }
    }
    if (table.equals("tenants")) {
      row.put("testClock", clock);
    }
    if (table.equals("subscriptions")) {
      row.put("catalog", catalog);
    }
  }

  private List<String> printed(Step step, Action.Print a) {
    Documents documents = rooms.documents();
    InvoiceDetails details = invoice(step, a);
    String text =
        a.pdf()
            ? Documents.textOf(documents.pdf(details))
            : Documents.textOf(documents.html(details));
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("format", a.pdf() ? "pdf" : "html");
    node.put("text", plain(text));
    keep(step, "document", node);
    List<String> missing = new ArrayList<>();
    for (String piece : a.contains()) {
      if (!plain(text).contains(piece)) {
        missing.add("'" + piece + "' does not stand in the document");
      }
    }
    return missing;
  }

  private InvoiceDetails invoice(Step step, Action.Print a) {
    String tenant = prefix + step.tenant();
    Predicate<InvoiceDetails> wanted =
        details ->
            a.number() == null
                ? details.invoice().kind() == DocumentKind.INVOICE
                : plain(String.valueOf(details.invoice().number())).equals(a.number());
    return rooms
        .database()
        .inTransaction(tx -> rooms.invoices().invoices().all(tx, tenant))
        .stream()
        .filter(wanted)
        .reduce((earlier, later) -> later)
        .orElseThrow(() -> Problem.notFound("invoice of", step.tenant()));
  }

  /** As the scenario writes it, without what is put before names and imported numbers here. */
  String plain(String text) {
    return text.replace(prefix, "");
  }
}
