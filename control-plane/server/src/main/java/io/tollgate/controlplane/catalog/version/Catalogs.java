package io.tollgate.controlplane.catalog.version;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.version.CatalogStore.Stored;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.yaml.YamlException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The catalogs and all their versions. A version never changes, so each is read from the database
 * once and kept. Thread-safe.
 */
public final class Catalogs implements Room {
  private final Audit audit;
  private final InstantSource clock;
  private final Map<String, CatalogVersion> versions = new ConcurrentHashMap<>();

  /** Catalogs whose versions carry this clock's time. */
  public Catalogs(Audit audit, InstantSource clock) {
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * What applying a catalog does or would do.
   *
   * @param name the catalog
   * @param version the version it makes, or the one it equals
   * @param changed whether it differs from the newest version
   * @param differences what differs, in the catalog's order; empty for the first version
   */
  public record Applied(String name, int version, boolean changed, List<Change> differences) {}

  /** One difference: a path such as {@code plans.pro.limits.api-calls.amount}, and both values. */
  public record Change(String path, String before, String after) {}

  /**
   * Applies a catalog as the newest version of its name. One that says the same as the newest makes
   * none. Subscribers keep the version they have. It numbers its documents with the other catalogs
   * of its seller.
   *
   * @param actor who applies it, for the audit trail
   * @param file what to call the text in messages
   * @param source YAML
   * @throws YamlException if it contradicts itself; nothing is applied then
   */
  public Applied apply(Transaction tx, String actor, String file, String source) {
    Applied applied = apply(tx, actor, source, CatalogYaml.parse(file, source));
    if (applied.changed()) {
      joinBooks(tx);
    }
    return applied;
  }

  /**
   * Has the catalogs of each seller number their documents together from now on.
   *
   * @return by catalog, the book it keeps
   */
  public Map<String, String> joinBooks(Transaction tx) {
    CatalogStore.lock(tx, "books of all");
    Map<String, String> books = CatalogStore.books(tx);
    List<CatalogVersion> newest = new ArrayList<>();
    for (CatalogStore.Newest each : CatalogStore.newest(tx)) {
      try {
        newest.add(version(tx, each.name(), each.version()));
      } catch (YamlException refusedToday) {
        // An older program took it: it keeps the book it has, and whoever needs it is told.
      }
    }
    Map<String, String> joined = Books.joined(books, newest);
    if (!joined.equals(books)) {
      CatalogStore.holdNumbers(tx);
    }
    joined.forEach(
        (catalog, book) -> {
          if (!book.equals(books.get(catalog))) {
            CatalogStore.keep(tx, catalog, book);
          }
        });
    return joined;
  }

  /**
   * As {@link #apply}, under another name than the source gives: a scenario's own, as it shares its
   * database, or the one the catalog was applied under before. It numbers its documents as before,
   * by itself where it is new.
   */
  public Applied applyAs(Transaction tx, String actor, String file, String source, String name) {
    return apply(tx, actor, source, draftAs(file, source, name));
  }

  /**
   * A draft as {@link #applyAs} would apply it.
   *
   * @throws YamlException if it contradicts itself
   */
  public static Catalog draftAs(String file, String source, String name) {
    return CatalogYaml.parse(file, source).named(name);
  }

  private Applied apply(Transaction tx, String actor, String source, Catalog catalog) {
    CatalogStore.lock(tx, catalog.name());
    Applied applied = compare(tx, catalog);
    if (applied.changed()) {
      Instant now = clock.instant();
      CatalogStore.insert(tx, new Stored(catalog.name(), applied.version(), source, now, actor));
      audit.record(
          tx,
          actor,
          "catalog.apply",
          catalog.name() + "@" + applied.version(),
          null,
          Map.of("differences", applied.differences().size()));
    }
    return applied;
  }

  /**
   * Stops selling a plan or an add-on: the newest version's text with one line more, as the next
   * version. Those who have it keep it.
   *
   * @param what {@code plans.KEY} or {@code add-ons.KEY}
   * @throws Problem 404 if there is no such catalog, 422 naming {@code plan} or {@code addOn} if it
   *     has none of that key
   */
  public Applied archive(Transaction tx, String actor, String name, String what) {
    CatalogStore.lock(tx, name);
    Stored newest =
        CatalogStore.newest(tx, name)
            .flatMap(version -> CatalogStore.find(tx, name, version))
            .orElseThrow(() -> Problem.notFound("catalog", name));
    try {
      return applyAs(tx, actor, name + ".yaml", ArchivedLine.added(newest.source(), what), name);
    } catch (YamlException e) {
      throw Problem.invalid(what.startsWith("plans.") ? "plan" : "addOn", e.getMessage() + "");
    }
  }

  /** What {@link #apply} would do, without doing it. */
  public Applied dryRun(Transaction tx, String file, String source) {
    return compare(tx, CatalogYaml.parse(file, source));
  }

  /** What {@link #applyAs} would do, without doing it. */
  public Applied dryRunAs(Transaction tx, String file, String source, String name) {
    return compare(tx, draftAs(file, source, name));
  }

  private Applied compare(Transaction tx, Catalog catalog) {
    Optional<CatalogVersion> newest = newest(tx, catalog.name());
    if (newest.isEmpty()) {
      return new Applied(catalog.name(), 1, true, List.of());
    }
    List<Change> differences =
        CatalogDiff.between(newest.get().catalog(), catalog).stream()
            .map(d -> new Change(d.path(), d.before(), d.after()))
            .toList();
    boolean changed = !differences.isEmpty();
    int version = newest.get().version() + (changed ? 1 : 0);
    return new Applied(catalog.name(), version, changed, differences);
  }

  /** The newest version of a catalog. */
  public Optional<CatalogVersion> newest(Transaction tx, String name) {
    return CatalogStore.newest(tx, name).flatMap(version -> find(tx, name, version));
  }

  /** Asks ahead which version of a catalog is its newest ({@link Transaction#foresee}). */
  public void foreseeNewest(Transaction tx, String name) {
    CatalogStore.foreseeNewest(tx, name);
  }

  /** The newest version of every catalog, by name. */
  public List<CatalogVersion> newest(Transaction tx) {
    List<CatalogVersion> newest = new ArrayList<>();
    for (CatalogStore.Newest each : CatalogStore.newest(tx)) {
      newest.add(version(tx, each.name(), each.version()));
    }
    return newest;
  }

  /** Every version of a catalog, oldest first; none where there is no such catalog. */
  public List<Catalog> versions(Transaction tx, String name) {
    int newest = newest(tx, name).map(CatalogVersion::version).orElse(0);
    return IntStream.rangeClosed(1, newest)
        .mapToObj(version -> version(tx, name, version).catalog())
        .toList();
  }

  /** Whether any version of any catalog has a meter or a feature of this key. */
  public boolean counts(Transaction tx, String key) {
    return decimals(tx, key).isPresent();
  }

  /**
   * The most digits after a unit's point with which any version of any catalog counts this meter or
   * feature; empty where none does.
   */
  public OptionalInt decimals(Transaction tx, String key) {
    OptionalInt most = OptionalInt.empty();
    for (CatalogVersion newest : newest(tx)) {
      for (int version = newest.version(); version > 0; version--) {
        Catalog catalog = version(tx, newest.name(), version).catalog();
        Meter meter = catalog.meters().get(key);
        if (meter != null || catalog.features().containsKey(key)) {
          int decimals = meter == null ? 0 : meter.decimals();
          most = OptionalInt.of(Math.max(most.orElse(0), decimals));
        }
      }
    }
    return most;
  }

  /** Whether the newest version of any catalog has the key as a meter that keeps transactions. */
  public boolean keepsTransactions(Transaction tx, String key) {
    return newest(tx).stream()
        .map(version -> version.catalog().meters().get(key))
        .anyMatch(meter -> meter != null && meter.transactions());
  }

  /** A version, if there is one. */
  public Optional<CatalogVersion> find(Transaction tx, String name, int version) {
    CatalogVersion known = versions.get(name + "@" + version);
    return known != null
        ? Optional.of(known)
        : CatalogStore.find(tx, name, version).map(this::keep);
  }

  /**
   * A version that must be there, because something refers to it.
   *
   * @throws IllegalStateException if it is not
   */
  public CatalogVersion version(Transaction tx, String name, int version) {
    return find(tx, name, version)
        .orElseThrow(
            () -> new IllegalStateException("there is no catalog " + name + "@" + version));
  }

  private CatalogVersion keep(Stored stored) {
    Catalog catalog =
        CatalogYaml.parse(stored.name() + ".yaml", stored.source()).named(stored.name());
    CatalogVersion version =
        new CatalogVersion(stored.name(), stored.version(), stored.appliedAt(), catalog);
    versions.put(version.reference(), version);
    return version;
  }

  @Override
  public void mount(Routes routes) {
    new CatalogRoutes(this).mount(routes);
  }
}
