package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where one scenario plays: its rooms, its names among others in the database, and what its steps
 * leave for later ones and for expectations. Not thread-safe.
 */
final class Stage {
  static final String ACTOR = "scenario";

  private static final Pattern ID = Pattern.compile("\\b([a-z]+)_[0-9a-z]{26}\\b");

  private final ScenarioRunner.Rooms rooms;
  private final String prefix;
  private final String catalog;
  private final String clock;
  private final Map<String, String> named = new HashMap<>();
  private final Map<String, List<InvoiceDetails>> previews = new HashMap<>();
  private final Map<String, Map<String, JsonNode>> results = new HashMap<>();
  private final Map<String, String> ids = new HashMap<>();
  private int references;

  /**
   * A stage.
   *
   * @param prefix before every tenant's id, so that scenarios share a database
   * @param catalog name of the scenario's catalog
   * @param clock on which its tenants live
   */
  Stage(ScenarioRunner.Rooms rooms, String prefix, String catalog, String clock) {
    this.rooms = rooms;
    this.prefix = prefix;
    this.catalog = catalog;
    this.clock = clock;
  }

  ScenarioRunner.Rooms rooms() {
    return rooms;
  }

  String prefix() {
    return prefix;
  }

  String catalog() {
    return catalog;
  }

  String clock() {
    return clock;
  }

  /** The id in the database of a step's tenant. */
  String tenant(Step step) {
    return prefix + step.tenant();
  }

  /** A step's tenant as it is now. */
  Tenant owner(Transaction tx, Step step) {
    return rooms.tenants().get(tx, tenant(step));
  }

  /** As the scenario writes it, without what is put before names and imported numbers here. */
  String plain(String text) {
    return text.replace(prefix, "");
  }

  /** A reference that no other step has. */
  String reference() {
    references++;
    return prefix + references;
  }

  /** What the steps so far left here. */
  record Mark(
      int references,
      Map<String, String> named,
      Map<String, List<InvoiceDetails>> previews,
      Map<String, Map<String, JsonNode>> results,
      Map<String, String> ids) {}

  Mark mark() {
    Map<String, Map<String, JsonNode>> kept = new HashMap<>();
    results.forEach((tenant, of) -> kept.put(tenant, Map.copyOf(of)));
    return new Mark(references, Map.copyOf(named), Map.copyOf(previews), kept, Map.copyOf(ids));
  }

  /** Forgets what steps left since: they are begun again. */
  void returnTo(Mark mark) {
    references = mark.references();
    named.clear();
    named.putAll(mark.named());
    previews.clear();
    previews.putAll(mark.previews());
    ids.clear();
    ids.putAll(mark.ids());
    results.clear();
    mark.results().forEach((tenant, of) -> results.put(tenant, new HashMap<>(of)));
  }

  /** Lets later steps call a subscription so. */
  void name(Step step, String as, String subscription) {
    named.put(step.tenant() + " " + as, subscription);
  }

  /** The subscription a step is about: the one it names, or the tenant's latest. */
  Subscription subscription(Transaction tx, Step step) {
    String name = step.subscription();
    if (name != null) {
      return Optional.ofNullable(named.get(step.tenant() + " " + name))
          .flatMap(id -> rooms.subscriptions().find(tx, id))
          .orElseThrow(() -> Problem.notFound("subscription", name));
    }
    List<Subscription> all = rooms.subscriptions().of(tx, tenant(step));
    if (all.isEmpty()) {
      throw Problem.notFound("subscription of", tenant(step));
    }
    return all.getLast();
  }

  /** The tenant's document of a number, or its last invoice. */
  InvoiceDetails invoice(Transaction tx, Step step, @Nullable String number) {
    return rooms.invoices().invoices().all(tx, tenant(step)).stream()
        .filter(
            details ->
                number == null
                    ? details.invoice().kind() == DocumentKind.INVOICE
                    : plain(String.valueOf(details.invoice().number())).equals(number))
        .reduce((earlier, later) -> later)
        .orElseThrow(
            () ->
                number == null
                    ? Problem.notFound("invoice of", tenant(step))
                    : Problem.notFound("invoice", number));
  }

  void preview(Step step, List<InvoiceDetails> invoices) {
    previews.put(step.tenant(), invoices);
  }

  /** What the last preview for a tenant said; empty where there was none. */
  List<InvoiceDetails> preview(String tenant) {
    return previews.getOrDefault(tenant, List.of());
  }

  /** Keeps what came of a step, for expectations; ids are said as {@code inv_1, inv_2, sub_1}. */
  void keep(Step step, String name, JsonNode result) {
    String told = ID.matcher(result.toString()).replaceAll(id -> called(id.group(), id.group(1)));
    results.computeIfAbsent(step.tenant(), tenant -> new HashMap<>()).put(name, Wire.tree(told));
  }

  /** Ids differ from run to run, what came of a scenario does not. */
  private String called(String id, String kind) {
    return ids.computeIfAbsent(
        id,
        first ->
            kind
                + "_"
                + (1
                    + ids.keySet().stream().filter(other -> other.startsWith(kind + "_")).count()));
  }

  /** What came of a tenant's steps, by name: {@code rerating}, {@code export} and so on. */
  Map<String, JsonNode> results(String tenant) {
    return results.getOrDefault(tenant, Map.of());
  }
}
