package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Reads what is done with catalogs, rows and documents. Stateless but for how it finds texts. */
final class CatalogActions {
  private static final Format CSV = new Format("csv", "json");
  private static final Format PDF = new Format("pdf", "html");

  private final Function<YamlValue, CatalogText> catalogs;
  private final Function<YamlValue, String> texts;
  private final Function<YamlValue, Path> paths;

  /** A format, and the other one that can be asked for instead. */
  private record Format(String word, String other) {
    boolean is(YamlValue value) {
      String text = value.text();
      if (!text.equals(word) && !text.equals(other)) {
        throw value.mistake(word + " or " + other + " is expected");
      }
      return text.equals(word);
    }
  }

  /** A reader whose catalogs, texts and files beside the scenario are found so. */
  CatalogActions(
      Function<YamlValue, CatalogText> catalogs,
      Function<YamlValue, String> texts,
      Function<YamlValue, Path> paths) {
    this.catalogs = catalogs;
    this.texts = texts;
    this.paths = paths;
  }

  Action apply(YamlValue value) {
    CatalogText text = catalogs.apply(value);
    return new Action.Apply(text.file(), text.text());
  }

  Action dryRun(YamlValue value) {
    CatalogText text = catalogs.apply(value);
    return new Action.DryRun(text.file(), text.text());
  }

  Action rerate(YamlMap map) {
    map.allow("catalog", "invoices");
    CatalogText draft = catalogs.apply(map.value("catalog"));
    int invoices = map.find("invoices").map(value -> value.integer(1, 24)).orElse(1);
    return new Action.Rerate(draft.file(), draft.text(), invoices);
  }

  static Action export(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Export(value.text(), true);
    }
    YamlMap map = value.map();
    map.allow("table", "format");
    return new Action.Export(
        map.value("table").text(), map.find("format").map(CSV::is).orElse(true));
  }

  Action bring(YamlMap map) {
    map.allow("table", "csv", "json", "dry-run");
    if (map.has("csv") == map.has("json")) {
      throw map.mistake("csv or json is expected");
    }
    boolean csv = map.has("csv");
    YamlValue rows = map.value(csv ? "csv" : "json");
    return new Action.Import(
        map.value("table").text(),
        csv,
        rows.isList() ? Wire.write(rows.plain()) : texts.apply(rows),
        map.find("dry-run").map(YamlValue::bool).orElse(false));
  }

  Action print(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Print(PDF.is(value), null, List.of(), null);
    }
    YamlMap map = value.map();
    map.allow("format", "number", "contains", "templates");
    return new Action.Print(
        PDF.is(map.value("format")),
        map.find("number").map(YamlValue::text).orElse(null),
        map.list("contains").stream().map(YamlValue::word).toList(),
        map.find("templates").map(paths).orElse(null));
  }
}
