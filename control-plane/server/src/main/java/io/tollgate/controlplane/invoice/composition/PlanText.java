package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import java.util.Locale;

/**
 * What a line says it is for. A plan's fee goes by its title and cycle, with the catalog's sentence
 * about it below, as in document 002: "Enterprise Plan – Monthly", "Unlimited donors, all modules,
 * SLA support". Cycles are named in English and German; in any other language in English. Pure.
 *
 * @param title the line's
 * @param below what is said of it; empty for most
 */
record PlanText(String title, String below) {
  /** A line of a bill, to be read in a language. */
  static PlanText of(Bill bill, PricedLine line, Locale language) {
    return switch (bill) {
      case Bill.Advance advance -> of(advance.fees(), line, language);
      case Bill.Afterwards ended ->
          ended.dues().stream()
              .filter(due -> due.item().id().equals(line.item()))
              .filter(due -> due.item().key().equals(line.key()))
              .findFirst()
              .map(due -> of(due.fees(), line, language))
              .orElseGet(() -> of(line));
      case Bill.Arrears usage -> of(line);
      case Bill.Closing late -> of(line);
      case Bill.Change change -> of(change.fees().after(), line, language);
      case Bill.Once once -> of(line);
    };
  }

  /** A line by its title alone. */
  static PlanText of(PricedLine line) {
    return new PlanText(line.title(), "");
  }

  private static PlanText of(Fees fees, PricedLine line, Locale language) {
    if (line.kind() != PricedLine.Kind.BASE_FEE) {
      return of(line);
    }
    return new PlanText(
        line.title() + " – " + word(fees.subscription().cycle(), language),
        fees.catalog().plan(line.key()).map(Plan::description).orElse(""));
  }

  static String word(Cycle cycle, Locale language) {
    return language.getLanguage().equals("de") ? german(cycle) : english(cycle);
  }

  private static String english(Cycle cycle) {
    return switch (cycle.toString()) {
      case "daily" -> "Daily";
      case "weekly" -> "Weekly";
      case "monthly" -> "Monthly";
      case "quarterly" -> "Quarterly";
      case "half-yearly" -> "Half-yearly";
      case "yearly" -> "Yearly";
      default ->
          "Every " + cycle.count() + " " + cycle.unit().name().toLowerCase(Locale.ROOT) + "s";
    };
  }

  private static String german(Cycle cycle) {
    return switch (cycle.toString()) {
      case "daily" -> "Täglich";
      case "weekly" -> "Wöchentlich";
      case "monthly" -> "Monatlich";
      case "quarterly" -> "Vierteljährlich";
      case "half-yearly" -> "Halbjährlich";
      case "yearly" -> "Jährlich";
      default ->
          switch (cycle.unit()) {
            case HOUR -> "Alle " + cycle.count() + " Stunden";
            case DAY -> "Alle " + cycle.count() + " Tage";
            case WEEK -> "Alle " + cycle.count() + " Wochen";
            case MONTH -> "Alle " + cycle.count() + " Monate";
            case YEAR -> "Alle " + cycle.count() + " Jahre";
          };
    };
  }
}
