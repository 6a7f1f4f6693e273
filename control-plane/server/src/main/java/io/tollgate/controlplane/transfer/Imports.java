package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.History;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Wire;
import java.io.Serial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tables on their way in: each row through the same door as the API's own commands, all in one
 * transaction, which commits only if every row could be done. Mistakes are gathered, each with its
 * line; a dry run does everything and takes it back.
 */
final class Imports {
  private static final int MOST_MISTAKES = 100;
  private static final int BATCH = 500;
  private static final String AS_IT_STANDS = "asItStands";

  private final Parts parts;

  /** What imports go through. */
  record Parts(
      Database database,
      Tenants tenants,
      Subscriptions subscriptions,
      Redemptions redemptions,
      Usage usage,
      History history,
      Accounts accounts,
      Audit audit) {}

  Imports(Parts parts) {
    this.parts = parts;
  }

  /** A row as the API would take it. */
  private record In(int line, JsonNode object) {}

  /** Ends a transaction that is to leave nothing. */
  private static final class TakenBack extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    TakenBack() {
      super("taken back", null, false, false);
    }
  }

  Reply run(Call call) {
    return Reply.ok(
        bring(
            new Parcel(
                call.principal().id(),
                call.path("table"),
                call.header("Content-Type").orElse("").startsWith("text/csv"),
                call.text(),
                call.flag("dryRun"),
                row -> {})));
  }

  /** Brings a parcel's rows, all or none; says how many. */
  Map<String, Object> bring(Parcel parcel) {
    Table table = table(parcel.table());
    List<Map<String, Object>> mistakes = new ArrayList<>();
    List<In> rows = new ArrayList<>();
    try {
      rows.addAll(parcel.csv() ? csv(table, parcel.text()) : json(table, parcel.text()));
    } catch (MistakeException e) {
      mistakes.add(mistake(e.line(), e.field(), String.valueOf(e.getMessage())));
    }
    for (In row : rows) {
      if (row.object() instanceof ObjectNode object) {
        parcel.prepare().accept(object);
      }
    }
    if (mistakes.isEmpty()) {
      apply(parcel, table, rows, mistakes);
    }
    if (!mistakes.isEmpty()) {
      throw new Problem(
              422,
              "import-refused",
              "Import refused",
              "nothing was imported: "
                  + (mistakes.size() < MOST_MISTAKES ? mistakes.size() : "the first 100")
                  + " mistakes in "
                  + rows.size()
                  + " rows")
          .with("errors", mistakes);
    }
    Map<String, Object> brought = new LinkedHashMap<>();
    brought.put("table", table.word());
    brought.put("rows", rows.size());
    brought.put("imported", parcel.dryRun() ? 0 : rows.size());
    return brought;
  }

  private static Table table(String word) {
    Table table = Table.of(word).orElseThrow(() -> Problem.notFound("import", word));
    return switch (table) {
      case TENANTS, SUBSCRIPTIONS, USAGE, ACCOUNTS, INVOICES -> table;
      case INVOICE_LINES ->
          throw Problem.notFound("import; lines come with their invoices, as JSON:", word);
    };
  }

  private static List<In> csv(Table table, String text) {
    Csv csv = new Csv(text);
    Csv.Row header =
        csv.next().orElseThrow(() -> new MistakeException(1, "", "a header is expected"));
    Cells cells = new Cells(table, header);
    List<In> rows = new ArrayList<>();
    for (var row = csv.next(); row.isPresent(); row = csv.next()) {
      ObjectNode object = cells.object(row.get());
      if (object.has(AS_IT_STANDS)
          || comes(table, cells.cell(row.get(), "state"), row.get().line())) {
        rows.add(new In(row.get().line(), object));
      }
    }
    return rows;
  }

  /** An array of objects, or a list's answer with {@code items}; the line is the item's number. */
  private static List<In> json(Table table, String text) {
    JsonNode root;
    try {
      root = Wire.tree(text);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed("the body is not JSON: " + e.getMessage());
    }
    JsonNode items = root.isArray() ? root : root.path("items");
    if (!items.isArray()) {
      throw Problem.malformed("an array of objects is expected");
    }
    List<In> rows = new ArrayList<>();
    int line = 0;
    for (JsonNode item : items) {
      line++;
      if (!item.has(AS_IT_STANDS) && !comes(table, item.path("state").asText(), line)) {
        continue;
      }
      if (item instanceof ObjectNode object) {
        // What an export adds for readers.
        table.columns().stream()
            .filter(column -> !column.imported())
            .forEach(column -> object.remove(column.name()));
      }
      rows.add(new In(line, item));
    }
    return rows;
  }

  /**
   * Whether a row is to be brought: a subscription that has ended bills nothing and stays away; one
   * that stands still would begin to be billed.
   */
  private static boolean comes(Table table, String state, int line) {
    if (table != Table.SUBSCRIPTIONS) {
      return true;
    }
    if (state.equals("paused")) {
      throw new MistakeException(
          line,
          "state",
          "a paused subscription would be billed from its start on; leave the row out, or leave"
              + " state empty and pause it afterwards");
    }
    return !Set.of("cancelled", "expired", "terminated").contains(state);
  }

  private void apply(
      Parcel parcel, Table table, List<In> rows, List<Map<String, Object>> mistakes) {
    String actor = parcel.actor();
    try {
      parts
          .database()
          .inTransaction(
              tx -> {
                mistakes.clear();
                if (table == Table.USAGE) {
                  usage(tx, rows, mistakes);
                } else {
                  for (In row : rows) {
                    one(tx, row, mistakes, () -> command(tx, actor, table, row));
                  }
                }
                if (parcel.dryRun() || !mistakes.isEmpty()) {
                  throw new TakenBack();
                }
                parts
                    .audit()
                    .record(
                        tx,
                        actor,
                        "import." + table.word(),
                        table.word(),
                        null,
                        Map.of("rows", rows.size()));
                return true;
              });
    } catch (TakenBack e) {
      // As it was to be: a dry run, or mistakes that the answer names.
    }
  }

  private void command(Transaction tx, String actor, Table table, In row) {
    JsonFields fields = JsonFields.of(row.object());
    switch (table) {
      case TENANTS -> parts.tenants().create(tx, actor, parts.tenants().read(fields));
      case SUBSCRIPTIONS -> {
        if (row.object().has(AS_IT_STANDS)) {
          bring(tx, actor, fields, row.object().path(AS_IT_STANDS));
        } else {
          parts.subscriptions().start(tx, actor, fields);
        }
      }
      case USAGE -> used(tx, List.of(row));
      case ACCOUNTS -> parts.accounts().bring(tx, actor, fields);
      case INVOICES -> parts.history().bring(tx, actor, fields);
      case INVOICE_LINES -> throw new IllegalStateException("not imported: " + table);
    }
  }

  /** What the other cells say is in it too. */
  private void bring(Transaction tx, String actor, JsonFields fields, JsonNode asItStands) {
    Subscription subscription =
        parts
            .subscriptions()
            .bring(
                tx,
                actor,
                fields.text("tenant"),
                fields.text("catalog"),
                asItStands.path("subscription").toString());
    for (JsonNode each : asItStands.path("coupons")) {
      Redemptions.Carried coupon;
      try {
        coupon = Wire.mapper().treeToValue(each, Redemptions.Carried.class);
      } catch (JsonProcessingException e) {
        throw fields.wrong(AS_IT_STANDS, "has a coupon that is not what an export says");
      }
      parts.redemptions().bring(tx, subscription, coupon);
    }
  }

  /** In batches; one that is refused is gone through row by row, for its lines. */
  private void usage(Transaction tx, List<In> rows, List<Map<String, Object>> mistakes) {
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<In> batch = rows.subList(from, Math.min(rows.size(), from + BATCH));
      List<Map<String, Object>> refused = new ArrayList<>();
      one(tx, batch.getFirst(), refused, () -> used(tx, batch));
      if (!refused.isEmpty()) {
        for (In row : batch) {
          one(tx, row, mistakes, () -> command(tx, "", Table.USAGE, row));
        }
      }
    }
  }

  /** Events, each a transaction where the meter keeps them, unless its row says it is none. */
  private void used(Transaction tx, List<In> rows) {
    List<UsageEvent> events = new ArrayList<>();
    List<UsageEvent> sums = new ArrayList<>();
    for (In row : rows) {
      JsonFields fields = JsonFields.of(row.object());
      boolean transaction = fields.bool("transaction", true);
      (transaction ? events : sums).add(Usage.read(fields));
    }
    if (!events.isEmpty()) {
      parts.usage().record(tx, events);
    }
    if (!sums.isEmpty()) {
      parts.usage().recordSums(tx, sums);
    }
  }

  /** Does one row behind a savepoint, so that a refused one leaves nothing and the next can try. */
  private static void one(
      Transaction tx, In row, List<Map<String, Object>> mistakes, Runnable work) {
    if (mistakes.size() >= MOST_MISTAKES) {
      return;
    }
    try {
      tx.attempt(work);
    } catch (Problem e) {
      mistakes.add(mistake(row.line(), field(e), detail(e)));
    } catch (ConflictException e) {
      mistakes.add(mistake(row.line(), "", String.valueOf(e.getMessage())));
    }
  }

  private static String field(Problem problem) {
    return first(problem).getOrDefault("field", "").toString();
  }

  private static String detail(Problem problem) {
    return first(problem).getOrDefault("detail", String.valueOf(problem.getMessage())).toString();
  }

  private static Map<?, ?> firstOf(Object errors) {
    return errors instanceof List<?> list
            && !list.isEmpty()
            && list.getFirst() instanceof Map<?, ?> map
        ? map
        : Map.of();
  }

  private static Map<String, Object> first(Problem problem) {
    Map<String, Object> first = new LinkedHashMap<>();
    firstOf(problem.member("errors").orElse(List.of()))
        .forEach((key, value) -> first.put(String.valueOf(key), value));
    return first;
  }

  private static Map<String, Object> mistake(int line, String field, String detail) {
    Map<String, Object> mistake = new LinkedHashMap<>();
    mistake.put("line", line);
    if (!field.isEmpty()) {
      mistake.put("field", field);
    }
    mistake.put("detail", detail);
    return mistake;
  }
}
