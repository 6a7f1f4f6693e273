package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.contract.BillingState;
import io.tollgate.contract.OverLimit;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Policies.Alignment;
import io.tollgate.controlplane.catalog.Policies.Allowances;
import io.tollgate.controlplane.catalog.Policies.ChangeKind;
import io.tollgate.controlplane.catalog.Policies.Dunning;
import io.tollgate.controlplane.catalog.Policies.Grouping;
import io.tollgate.controlplane.catalog.Policies.Prorated;
import io.tollgate.controlplane.catalog.Policies.Proration;
import io.tollgate.controlplane.catalog.Policies.Step;
import io.tollgate.controlplane.catalog.Policies.UsageAtChange;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.catalog.Policies.ZeroInvoices;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code policies}. What is not said is document 002's. */
final class PolicyReader {
  /** From better to worse. */
  private static final List<BillingState> BY_DUNNING =
      List.of(
          BillingState.PAST_DUE,
          BillingState.GRACE,
          BillingState.READ_ONLY,
          BillingState.SUSPENDED,
          BillingState.TERMINATED);

  private PolicyReader() {}

  static Policies policies(YamlMap map) {
    Policies standard = Policies.DEFAULT;
    Policies policies =
        new Policies(
            map.find("alignment")
                .map(value -> value.oneOf(Alignment.class))
                .orElse(standard.alignment()),
            map.find("proration")
                .map(value -> value.oneOf(Proration.class))
                .orElse(standard.proration()),
            CatalogYaml.flag(map, "netted"),
            changes(map.map("changes")),
            map.find("cancellation")
                .map(value -> value.oneOf(When.class))
                .orElse(standard.cancellation()),
            dunning(map),
            map.find("over-limit")
                .map(value -> over(value, standard.over()))
                .orElse(standard.over()),
            map.find("draft-hours").map(value -> value.integer(0, 720)).orElse(0),
            map.find("closing-hours")
                .map(value -> value.integer(1, 720))
                .orElse(standard.closingHours()),
            CatalogYaml.flag(map, "shadow"),
            map.find("usage-at-change")
                .map(value -> value.oneOf(UsageAtChange.class))
                .orElse(standard.usageAtChange()),
            map.find("allowances")
                .map(value -> value.oneOf(Allowances.class))
                .orElse(standard.allowances()),
            map.find("prorations").map(PolicyReader::prorations).orElse(standard.prorations()),
            map.find("zero-invoices")
                .map(value -> value.oneOf(ZeroInvoices.class))
                .orElse(standard.zeroInvoices()),
            map.find("grouping")
                .map(value -> value.oneOf(Grouping.class))
                .orElse(standard.grouping()));
    map.close();
    return policies;
  }

  private static Map<ChangeKind, When> changes(YamlMap map) {
    Map<ChangeKind, When> rules = new EnumMap<>(ChangeKind.class);
    for (ChangeKind kind : ChangeKind.values()) {
      String key = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
      map.find(key).ifPresent(value -> rules.put(kind, value.oneOf(When.class)));
    }
    map.close();
    return rules;
  }

  /** One word for every kind of change, or a word for each. */
  private static Map<ChangeKind, Prorated> prorations(YamlValue value) {
    Map<ChangeKind, Prorated> rules = new EnumMap<>(ChangeKind.class);
    if (!value.isMap()) {
      Prorated rule = value.oneOf(Prorated.class);
      for (ChangeKind kind : ChangeKind.values()) {
        rules.put(kind, rule);
      }
      return rules;
    }
    YamlMap map = value.map();
    for (ChangeKind kind : ChangeKind.values()) {
      map.find(CatalogWords.of(kind))
          .ifPresent(word -> rules.put(kind, word.oneOf(Prorated.class)));
    }
    map.close();
    return rules;
  }

  private static Dunning dunning(YamlMap policies) {
    Dunning standard = Dunning.DOCUMENT_002;
    YamlMap map = policies.map("dunning");
    int dueDay = map.find("due-day").map(value -> value.integer(1, 366)).orElse(standard.dueDay());
    List<Step> steps = map.has("steps") ? new ArrayList<>() : standard.steps();
    int before = 0;
    @Nullable BillingState reached = null;
    for (YamlValue value : map.list("steps")) {
      Step step = step(value.map());
      if (step.day() <= before) {
        throw value.mistake(
            "the days of the steps must rise; " + step.day() + " comes after " + before);
      }
      before = step.day();
      reached = notBetter(value, step, reached);
      steps.add(step);
    }
    map.close();
    return new Dunning(dueDay, steps);
  }

  /** Who does not pay stands worse with time, never better. */
  private static @Nullable BillingState notBetter(
      YamlValue value, Step step, @Nullable BillingState reached) {
    if (step.state() == null) {
      return reached;
    }
    if (reached != null && BY_DUNNING.indexOf(step.state()) <= BY_DUNNING.indexOf(reached)) {
      throw value.mistake(
          "the states of the steps must worsen, in the order "
              + CatalogWords.of(BY_DUNNING)
              + "; "
              + CatalogWords.of(step.state())
              + " comes after "
              + CatalogWords.of(reached));
    }
    return step.state();
  }

  private static Step step(YamlMap map) {
    map.allow("day", "attempt", "state", "reminder");
    int day = map.value("day").integer(1, 3660);
    boolean attempt = CatalogYaml.flag(map, "attempt");
    BillingState state =
        map.find("state").map(value -> value.oneOf(BillingState.class)).orElse(null);
    String reminder = CatalogYaml.text(map, "reminder", "");
    if (state != null && !BY_DUNNING.contains(state)) {
      throw map.mistake(
          "state", "one of past-due, grace, read-only, suspended, terminated is expected");
    }
    if (!attempt && state == null && reminder.isEmpty()) {
      throw map.mistake("a step that does nothing; give it attempt, state or reminder");
    }
    return new Step(day, attempt, state, reminder);
  }

  /** A bare behaviour, such as {@code warn}, or a mapping that changes parts of the default. */
  static OverLimit over(YamlValue value, OverLimit standard) {
    if (!value.isMap()) {
      return new OverLimit(value.oneOf(OverLimit.Behavior.class), 0, 0, standard.alertPercents());
    }
    YamlMap map = value.map();
    OverLimit over =
        new OverLimit(
            map.find("behavior")
                .map(word -> word.oneOf(OverLimit.Behavior.class))
                .orElse(standard.behavior()),
            map.find("buffer-percent")
                .map(number -> number.integer(0, 100))
                .orElse(standard.bufferPercent()),
            map.find("grace-days")
                .map(number -> number.integer(0, 366))
                .orElse(standard.graceDays()),
            map.find("alerts").map(PolicyReader::alerts).orElse(standard.alertPercents()));
    map.close();
    return over;
  }

  private static List<Integer> alerts(YamlValue value) {
    List<Integer> percents = new ArrayList<>();
    for (YamlValue element : value.list()) {
      int percent = element.integer(1, 1000);
      if (!percents.isEmpty() && percent <= percents.getLast()) {
        throw element.mistake("alerts must rise; " + percent + " does not");
      }
      percents.add(percent);
    }
    return percents;
  }
}
