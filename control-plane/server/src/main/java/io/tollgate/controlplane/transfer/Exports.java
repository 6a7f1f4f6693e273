package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.transfer.ExportStore.Out;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Download;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tables on their way out, page by page, so that memory does not grow with them. Each page is one
 * transaction in the caller's scope: a tenant's token exports what is its own.
 */
final class Exports {
  private static final int PAGE = 500;

  private final Database database;
  private final Subscriptions subscriptions;
  private final Redemptions redemptions;

  Exports(Database database, Subscriptions subscriptions, Redemptions redemptions) {
    this.database = database;
    this.subscriptions = subscriptions;
    this.redemptions = redemptions;
  }

  /**
   * What is to go out.
   *
   * @param scope whose rows the reader may see
   * @param tenant whose are wanted; null for all
   */
  record Wanted(String scope, Table table, boolean csv, @Nullable String tenant) {
    static Wanted of(Call call) {
      String word = call.path("table");
      return new Wanted(
          call.principal().scope(),
          Table.of(word).orElseThrow(() -> Problem.notFound("export", word)),
          switch (call.query("format").orElse("csv")) {
            case "csv" -> true;
            case "json" -> false;
            default -> throw Problem.invalid("format", "csv or json is expected");
          },
          call.tenantFilter().orElse(null));
    }
  }

  void export(Call call, Download download) {
    Wanted wanted = Wanted.of(call);
    List<Out> first = page(wanted, "");
    download.begin(
        wanted.csv() ? "text/csv; charset=utf-8; header=present" : "application/json",
        wanted.table().word() + (wanted.csv() ? ".csv" : ".json"));
    write(wanted, first, download::write);
  }

  /** All of it in one text, for few rows. */
  String text(Wanted wanted) {
    StringBuilder text = new StringBuilder();
    write(wanted, page(wanted, ""), text::append);
    return text.toString();
  }

  private void write(Wanted wanted, List<Out> firstPage, Consumer<String> out) {
    Table table = wanted.table();
    boolean csv = wanted.csv();
    out.accept(csv ? Csv.row(table.columns().stream().map(Column::name).toList()) : "[");
    List<Out> page = firstPage;
    boolean first = true;
    while (!page.isEmpty()) {
      StringBuilder text = new StringBuilder();
      for (Out row : page) {
        text.append(csv ? csv(table, row) : (first ? "\n" : ",\n") + json(table, row));
        first = false;
      }
      out.accept(text.toString());
      page = page.size() < PAGE ? List.of() : page(wanted, page.getLast().place());
    }
    if (!csv) {
      out.accept("\n]\n");
    }
  }

  private List<Out> page(Wanted wanted, String after) {
    String tenant = wanted.tenant();
    return database.inTransaction(
        wanted.scope(),
        tx ->
            switch (wanted.table()) {
              case TENANTS -> ExportStore.tenants(tx, after, tenant, PAGE);
              case SUBSCRIPTIONS -> subscriptions(tx, after, tenant);
              case USAGE -> ExportStore.usage(tx, after, tenant, PAGE);
              case ACCOUNTS -> AccountStore.page(tx, after, tenant, PAGE);
              case INVOICES -> ExportStore.invoices(tx, after, tenant, PAGE);
              case INVOICE_LINES -> ExportStore.lines(tx, after, tenant, PAGE);
            });
  }

  private List<Out> subscriptions(Transaction tx, String after, @Nullable String tenant) {
    List<Subscription> page = subscriptions.page(tx, tenant, after, PAGE);
    Map<String, List<Redemptions.Carried>> coupons =
        redemptions.carried(tx, page.stream().map(Subscription::id).toList());
    return page.stream().map(of -> out(of, coupons.getOrDefault(of.id(), List.of()))).toList();
  }

  private Out out(Subscription of, List<Redemptions.Carried> coupons) {
    Instant at = of.current().start();
    SubscriptionItem plan =
        of.planAt(at)
            .orElseGet(
                () ->
                    of.items().stream()
                        .filter(item -> item.kind() == SubscriptionItem.Kind.PLAN)
                        .reduce((earlier, later) -> later)
                        .orElseThrow());
    String addOns =
        of.addOnsAt(at).stream()
            .map(item -> item.key() + ":" + item.quantity())
            .collect(Collectors.joining(";"));
    BigDecimal agreed = plan.agreed();
    return new Out(
        of.id(),
        Arrays.asList(
            of.id(),
            of.tenant(),
            of.catalog(),
            plan.key(),
            String.valueOf(plan.quantity()),
            of.currency().getCode(),
            of.cycle().toString(),
            at.toString(),
            null,
            null,
            null,
            agreed == null ? null : agreed.toPlainString(),
            addOns.isEmpty() ? null : addOns,
            coupons.isEmpty()
                ? null
                : coupons.stream().map(Redemptions.Carried::code).collect(Collectors.joining(";")),
            of.state().word(),
            String.valueOf(of.version()),
            at.toString(),
            of.current().end().toString(),
            asItStands(of, coupons)));
  }

  private String asItStands(Subscription of, List<Redemptions.Carried> coupons) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("subscription", Wire.tree(subscriptions.carried(of)));
    node.set("coupons", Wire.mapper().valueToTree(coupons));
    return node.toString();
  }

  private static String csv(Table table, Out row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      String cell = row.cells().get(i);
      boolean text =
          switch (table.columns().get(i).type()) {
            case TEXT, LINES, QUANTITIES, CODES, JSON -> true;
            case WHOLE, DECIMAL, BOOL, INSTANT -> false;
          };
      cells.add(cell == null ? "" : text ? Csv.harmless(cell) : cell);
    }
    return Csv.row(cells);
  }

  private static String json(Table table, Out row) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < table.columns().size(); i++) {
      Column column = table.columns().get(i);
      String cell = row.cells().get(i);
      if (cell != null && !cell.isEmpty()) {
        int dot = column.name().indexOf('.');
        ObjectNode into = dot < 0 ? json : json.withObjectProperty(column.name().substring(0, dot));
        put(into, column.name().substring(dot + 1), column.type(), cell);
      }
    }
    return json.toString();
  }

  private static void put(ObjectNode into, String name, Column.Type type, String cell) {
    switch (type) {
      case TEXT, DECIMAL, INSTANT -> into.put(name, cell);
      case WHOLE -> into.put(name, Long.parseLong(cell));
      case BOOL -> into.put(name, Boolean.parseBoolean(cell));
      case JSON -> into.set(name, Wire.tree(cell));
      case LINES -> cell.lines().forEach(into.withArrayProperty(name)::add);
      case CODES -> Arrays.stream(cell.split(";", -1)).forEach(into.withArrayProperty(name)::add);
      case QUANTITIES -> {
        ArrayNode addOns = into.withArrayProperty(name);
        for (String each : cell.split(";", -1)) {
          int colon = each.lastIndexOf(':');
          addOns
              .addObject()
              .put("addOn", each.substring(0, colon))
              .put("quantity", Long.parseLong(each.substring(colon + 1)));
        }
      }
    }
  }
}
