package io.tollgate.controlplane.transfer;

import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.yaml.YamlException;
import java.util.ArrayList;
import java.util.List;

/**
 * Another system's catalog as a Tollgate catalog file.
 *
 * @param catalog YAML
 * @param applicable whether it can be applied as it is
 * @param notes what could not be carried over, and what to look at
 */
public record Converted(String catalog, boolean applicable, List<Note> notes) {
  public Converted {
    notes = List.copyOf(notes);
  }

  /**
   * Something that differs from the original.
   *
   * @param where in the original, such as {@code plan pistol-monthly}
   */
  public record Note(String where, String what) {}

  /** Where a catalog comes from. */
  public enum From {
    /** The XML of Kill Bill's catalog. */
    KILL_BILL,
    /** The JSON of Lago's plans: {@code GET /api/v1/plans}. */
    LAGO
  }

  /**
   * Converts a catalog.
   *
   * @param name what to call it; where empty, what the original is called
   * @throws IllegalArgumentException if it is none of the kind
   */
  public static Converted of(From from, String name, String source) {
    CatalogText text =
        switch (from) {
          case KILL_BILL -> new KillBillCatalog(source).convert(name);
          case LAGO -> new LagoPlans(source).convert(name);
        };
    String yaml = text.yaml();
    List<Note> notes = new ArrayList<>(text.notes());
    boolean applicable = true;
    try {
      CatalogYaml.parse("catalog.yaml", yaml);
    } catch (YamlException e) {
      applicable = false;
      notes.add(new Note("result", String.valueOf(e.getMessage())));
    }
    return new Converted(yaml, applicable, notes);
  }
}
