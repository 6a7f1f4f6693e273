package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Buyers.Buyer;
import io.tollgate.controlplane.subscription.Subscriptions.Parts;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.joda.money.CurrencyUnit;

/**
 * The real rooms up to subscriptions on a database, under a clock that a test moves. Tenants whose
 * name begins with {@code usd} pay in dollars and live in New York, all others in rupees in
 * Kolkata.
 */
public final class Desk {
  private final AtomicReference<Instant> now;
  private final Database database;
  private final Outbox outbox;
  private final List<Revision> told = new ArrayList<>();

  /** The agenda. */
  public final Agenda agenda;

  /** The catalogs, with the three examples applied. */
  public final Catalogs catalogs;

  /** The subscriptions. */
  public final Subscriptions subscriptions;

  /** What the rooms were built on. */
  public final Parts parts;

  /** Rooms whose clock stands at the instant. */
  public Desk(TestDatabase testDatabase, Instant start) {
    database = testDatabase.db();
    now = new AtomicReference<>(start);
    InstantSource clock = now::get;
    outbox = new Outbox(database, clock);
    agenda = new Agenda(database, clock);
    Audit audit = new Audit(clock);
    catalogs = new Catalogs(audit, clock);
    Ids ids = new Ids(clock, RandomGenerator.of("L64X128MixRandom"));
    parts = new Parts(catalogs, Desk::buyer, new TenantClocks(clock), agenda, outbox, audit, ids);
    subscriptions = new Subscriptions(parts);
    subscriptions.listen((tx, revisions) -> told.addAll(revisions));
    for (String example : List.of("gaudaan", "atom", "services")) {
      apply(example(example));
    }
  }

  /** An example catalog's text. */
  public static String example(String name) {
    try {
      return Files.readString(Path.of("../../examples/catalogs/" + name + ".yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Buyer> buyer(Transaction tx, String tenant) {
    if (tenant.startsWith("nobody")) {
      return Optional.empty();
    }
    return Optional.of(
        tenant.startsWith("usd")
            ? new Buyer(ZoneId.of("America/New_York"), CurrencyUnit.USD)
            : new Buyer(ZoneId.of("Asia/Kolkata"), CurrencyUnit.of("INR")));
  }

  /** Applies a catalog. */
  public Catalogs.Applied apply(String yaml) {
    return database.inTransaction(tx -> catalogs.apply(tx, "test", "catalog.yaml", yaml));
  }

  /** The clock. */
  public InstantSource clock() {
    return now::get;
  }

  /** Moves the clock and does all that has become due. */
  public void advance(String to) {
    now.set(Instant.parse(to));
    agenda.runDue();
  }

  /** The revisions the listeners were told of. */
  public List<Revision> told() {
    return told;
  }

  /** The database. */
  public Database db() {
    return database;
  }

  /** The outbox. */
  public Outbox outbox() {
    return outbox;
  }
}
