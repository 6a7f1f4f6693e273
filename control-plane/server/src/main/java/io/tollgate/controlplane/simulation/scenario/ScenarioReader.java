package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.simulation.scenario.Scenario.Buyer;
import io.tollgate.controlplane.simulation.scenario.Scenario.Expected;
import io.tollgate.controlplane.simulation.scenario.Scenario.Refusal;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.transfer.Converted;
import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;

/**
 * Reads scenario files; {@code examples/catalogs/scenarios/README.md} describes the format. A
 * mistake names file, line, key and what is allowed. One reader reads one file.
 */
public final class ScenarioReader {
  /** How long a timeline can be: 50 years. */
  private static final Duration MOST = Duration.ofDays(50 * 366);

  private final Map<String, Buyer> tenants = new LinkedHashMap<>();
  private final ActionReader actions;
  private final List<String> notes = new ArrayList<>();

  private ScenarioReader(Path file) {
    this.actions =
        new ActionReader(
            value -> catalog(file, value),
            value -> text(file, value),
            value -> file.resolveSibling(value.text()));
  }

  /**
   * Reads a file.
   *
   * @throws YamlException if it cannot be read or says what cannot be
   */
  public static Scenario read(Path file) {
    return new ScenarioReader(file).scenario(file);
  }

  private Scenario scenario(Path file) {
    YamlMap root = YamlFile.read(file);
    root.allow("scenario", "catalog", "tenants", "timeline", "until", "expect");
    String name = root.value("scenario").text();
    YamlValue source = root.value("catalog");
    YamlMap buyers = root.map("tenants");
    for (String id : buyers.keys()) {
      if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
        throw buyers.mistake(id, "a tenant's id has letters, digits, '.', '_' and '-'");
      }
      tenants.put(id, buyer(id, buyers.map(id)));
    }
    if (tenants.isEmpty()) {
      throw root.mistake("tenants", "at least one is expected");
    }
    List<Step> steps = new ArrayList<>();
    for (YamlValue value : root.list("timeline")) {
      Step step = step(value.map());
      near(value, step.at(), "the first step", steps.isEmpty() ? step.at() : steps.getFirst().at());
      if (!steps.isEmpty() && step.at().isBefore(steps.getLast().at())) {
        throw value.mistake(
            "is at "
                + step.at()
                + ", before the step above it, at "
                + steps.getLast().at()
                + "; steps go forward in time, and dates and local times are of the tenant's zone");
      }
      steps.add(step);
    }
    if (steps.isEmpty()) {
      throw root.mistake("timeline", "at least one step is expected");
    }
    Instant until =
        root.find("until")
            .map(value -> until(value, steps.getFirst().at(), steps.getLast().at()))
            .orElse(steps.getLast().at());
    List<Expected> expected = new ArrayList<>();
    YamlMap expects = root.map("expect");
    for (String tenant : expects.keys()) {
      if (!tenants.containsKey(tenant)) {
        throw expects.mistake(tenant, "is none of the tenants " + tenants.keySet());
      }
      expected.addAll(expected(tenant, "", expects.map(tenant), ResultKeys.ofTenant()));
    }
    CatalogText catalog = catalog(file, source);
    return new Scenario(
        name,
        file.toString(),
        catalog.file(),
        catalog.text(),
        List.copyOf(tenants.values()),
        steps,
        until,
        expected,
        notes);
  }

  /**
   * Refuses an instant so far from another that one of them is mistyped: everything due in between
   * would be done.
   */
  private static void near(YamlValue value, Instant at, String what, Instant other) {
    if (Duration.between(other, at).abs().compareTo(MOST) > 0) {
      throw value.mistake(
          at + " is more than 50 years from " + what + ", at " + other + "; is one mistyped?");
    }
  }

  private Instant until(YamlValue value, Instant first, Instant last) {
    Instant until = instant(value, first().zone());
    near(value, until, "the first step", first);
    if (until.isBefore(last)) {
      throw value.mistake("is before the last step, at " + last);
    }
    return until;
  }

  private Buyer first() {
    return tenants.values().iterator().next();
  }

  /**
   * A path beside the scenario, the catalog itself as a mapping or a block text, or another
   * system's.
   */
  private CatalogText catalog(Path file, YamlValue value) {
    if (value.isMap() && value.map().has("from")) {
      return converted(file, value.map());
    }
    if (value.isMap() || value.text().indexOf('\n') >= 0) {
      return new CatalogText(file.toString(), value.section());
    }
    Path path = file.resolveSibling(value.text());
    try {
      return new CatalogText(path.toString(), Files.readString(path));
    } catch (IOException e) {
      throw value.mistake("the catalog " + unreadable(path, e));
    }
  }

  private CatalogText converted(Path file, YamlMap map) {
    map.allow("from", "file", "name");
    Converted.From from = map.value("from").oneOf(Converted.From.class);
    YamlValue source = map.value("file");
    String name = map.find("name").map(YamlValue::text).orElse("");
    Converted converted;
    try {
      converted = Converted.of(from, name, text(file, source));
    } catch (IllegalArgumentException e) {
      throw source.mistake(String.valueOf(e.getMessage()));
    }
    if (!converted.applicable()) {
      throw source.mistake("it cannot be a catalog: " + converted.notes().getLast().what());
    }
    for (Converted.Note note : converted.notes()) {
      notes.add(source.mistake(note.where() + ": " + note.what()).getMessage() + "");
    }
    return new CatalogText(source.text(), converted.catalog());
  }

  /** A path beside the scenario, or the text itself as a block. */
  private static String text(Path file, YamlValue value) {
    if (value.text().indexOf('\n') >= 0) {
      return value.text();
    }
    try {
      return Files.readString(file.resolveSibling(value.text()));
    } catch (IOException e) {
      throw value.mistake("the file " + unreadable(file.resolveSibling(value.text()), e));
    }
  }

  private static String unreadable(Path path, IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "is not there: " + path;
      case CharacterCodingException other -> "is not UTF-8: " + path;
      default -> "cannot be read: " + e;
    };
  }

  private static Buyer buyer(String id, YamlMap map) {
    map.allow(BuyerFields.keysAnd("zone", "currency", "imported"));
    return new Buyer(
        id,
        map.find("zone").map(YamlValue::zone).orElse(ZoneId.of("UTC")),
        currency(map.value("currency")),
        map.find("imported").map(YamlValue::bool).orElse(false),
        BuyerFields.billing(id, map));
  }

  static CurrencyUnit currency(YamlValue value) {
    try {
      return Amounts.currency(value.text());
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
  }

  private Step step(YamlMap map) {
    map.allow(actions.keysAnd("at", "tenant", "subscription", "refused", "expect"));
    String tenant = map.find("tenant").map(YamlValue::text).orElse(first().id());
    Buyer buyer = tenants.get(tenant);
    if (buyer == null) {
      throw map.mistake("tenant", "'" + tenant + "' is none of the tenants " + tenants.keySet());
    }
    Instant at = instant(map.value("at"), buyer.zone());
    Action action = actions.read(map, buyer.zone());
    if (action instanceof Action.Subscribe begun && begun.starts() != null) {
      near(map.map("subscribe").value("starts"), begun.starts(), "the step", at);
    }
    Refusal refused = map.find("refused").map(ScenarioReader::refusal).orElse(null);
    if (refused == null && action instanceof Action.WithCatalog with) {
      CatalogYaml.parse(with.file(), with.catalog());
    }
    String subscription = map.find("subscription").map(YamlValue::text).orElse(null);
    List<Expected> expected =
        map.has("expect")
            ? expected(tenant, "", map.map("expect"), ResultKeys.ofTenant())
            : List.of();
    return new Step(
        at,
        tenant,
        subscription,
        action,
        refused,
        expected,
        problem -> map.mistake(problem).getMessage() + "");
  }

  /** A status, or {@code {status, field, state}}. */
  private static Refusal refusal(YamlValue value) {
    if (!value.isMap()) {
      return new Refusal(value.integer(400, 499), null, null);
    }
    YamlMap map = value.map();
    map.allow("status", "field", "state");
    return new Refusal(
        map.value("status").integer(400, 499),
        map.find("field").map(YamlValue::text).orElse(null),
        map.find("state").map(YamlValue::text).orElse(null));
  }

  /** Every scalar below the mapping is an expectation; lists are numbered from 0. */
  private static List<Expected> expected(
      String tenant, String path, YamlMap map, ResultKeys result) {
    List<Expected> expected = new ArrayList<>();
    for (String key : map.keys()) {
      ResultKeys below = result.below(map, key);
      expected.addAll(expected(tenant, path + key, map.value(key), below));
    }
    return expected;
  }

  private static List<Expected> expected(
      String tenant, String path, YamlValue value, ResultKeys result) {
    if (value.isMap()) {
      return expected(tenant, path + ".", value.map(), result);
    }
    if (!value.isList()) {
      return List.of(
          new Expected(
              tenant, path, value.word(), problem -> value.mistake(problem).getMessage() + ""));
    }
    ResultKeys element = result.child("0");
    if (element == null) {
      throw value.mistake("this is no list");
    }
    List<Expected> expected = new ArrayList<>();
    List<YamlValue> items = value.list();
    for (int i = 0; i < items.size(); i++) {
      expected.addAll(expected(tenant, path + "." + i, items.get(i), element));
    }
    expected.add(
        new Expected(
            tenant,
            path + ".size",
            String.valueOf(items.size()),
            problem -> value.mistake(problem).getMessage() + ""));
    return expected;
  }

  /** With an offset, or as local time or date in the zone. */
  static Instant instant(YamlValue value, ZoneId zone) {
    String text = value.word();
    if (text.matches("([+-].*|0.*|1[0-8].*|19[0-6].*)")) {
      throw value.mistake("the years 1970 to 9999 are expected, not '" + text + "'");
    }
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay(zone).toInstant();
      }
      boolean offset = text.endsWith("Z") || text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > 9;
      return offset
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw value.mistake(
          "a date such as 2026-01-31, a local time such as 2026-01-31T10:00 or an instant such as"
              + " 2026-01-31T10:00:00+05:30 is expected, not '"
              + text
              + "'");
    }
  }
}
