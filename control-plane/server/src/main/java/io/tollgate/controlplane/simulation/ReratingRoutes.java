package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Patience;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Simulations over the API. */
final class ReratingRoutes {
  private static final String PATH = "/api/billing/simulations/re-ratings";

  private final Reratings reratings;
  private final Database database;
  private final InstantSource wall;

  ReratingRoutes(Reratings reratings, Database database, InstantSource wall) {
    this.reratings = reratings;
    this.database = database;
    this.wall = wall;
  }

  void mount(Routes routes) {
    routes
        .postDirect(PATH, Role.STAFF, this::rerate)
        .accepts("application/yaml", "application/x-yaml", "text/yaml")
        .query("file", "invoices");
    routes.get(
        PATH + "/{id}",
        Role.WATCHERS,
        (call, tx) ->
            Reply.ok(
                ReratingStore.find(tx, call.path("id"), wall.instant())
                    .orElseThrow(() -> Problem.notFound("simulation", call.path("id")))));
  }

  private Reply rerate(Call call) {
    Reratings.Draft draft =
        new Reratings.Draft(
            CatalogYaml.parse(call.query("file").orElse("catalog.yaml"), call.text()),
            call.query("invoices").map(ReratingRoutes::invoices).orElse(1),
            call.principal().id());
    String id = reratings.begin(draft);
    CompletableFuture<ReratingResult> work = reratings.run(id, draft);
    boolean done = Patience.of(call).wait(work).isPresent();
    Map<String, Object> shown =
        database.inTransaction(tx -> ReratingStore.find(tx, id, wall.instant())).orElseThrow();
    return (done ? Reply.ok(shown) : Reply.accepted(shown).header("Retry-After", "2"))
        .header("Location", PATH + "/" + id);
  }

  private static int invoices(String text) {
    if (!text.matches("[1-9]|1[0-9]|2[0-4]")) {
      throw Problem.invalid("invoices", "a whole number from 1 to 24 is expected");
    }
    return Integer.parseInt(text);
  }
}
