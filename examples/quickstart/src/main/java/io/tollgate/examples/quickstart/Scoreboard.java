package io.tollgate.examples.quickstart;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The table of who sent what and what became of it; redrawn in place on a terminal. */
final class Scoreboard {
  private final PrintStream out;
  private final boolean terminal;
  private int drawn;

  private Scoreboard(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** A table that is redrawn in place where a person watches a terminal. */
  static Scoreboard on(PrintStream out, boolean terminal) {
    return new Scoreboard(out, terminal);
  }

  /** Draws the table while the traffic runs: only where it can be redrawn. */
  void refresh(List<Member> members, Traffic traffic, Map<String, Map<String, Long>> metered) {
    if (terminal) {
      draw(members, traffic, metered);
    }
  }

  /** Draws the table for good. */
  void finish(List<Member> members, Traffic traffic, Map<String, Map<String, Long>> metered) {
    draw(members, traffic, metered);
    drawn = 0;
  }

  private void draw(List<Member> members, Traffic traffic, Map<String, Map<String, Long>> metered) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "   %-18s %-19s %6s %8s %7s %6s %8s  %s",
            "tenant",
            "plan",
            "sent",
            "admitted",
            "limited",
            "denied",
            "metered",
            "why not, features"));
    for (Member member : members) {
      Map<String, Long> counted = metered.getOrDefault(member.id(), Map.of());
      lines.add(
          row(
              member.id(),
              member.catalog() + "/" + member.plan(),
              traffic.tally(member.id()).view(),
              counted));
    }
    lines.add(row("(unknown key)", "-", traffic.strangers().view(), Map.of()));
    if (drawn > 0) {
      out.print("\033[" + drawn + "A");
    }
    lines.forEach(line -> out.println(terminal ? line + "\033[K" : line));
    drawn = terminal ? lines.size() : 0;
  }

  private static String row(
      String tenant, String plan, Tally.View tally, Map<String, Long> metered) {
    String why =
        tally.reasons().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(reason -> reason.getKey() + " " + reason.getValue())
            .collect(Collectors.joining(", "));
    String features =
        metered.entrySet().stream()
            .filter(meter -> !meter.getKey().equals(Story.CALLS))
            .filter(meter -> !meter.getKey().equals("api_calls"))
            .sorted(Map.Entry.comparingByKey())
            .map(meter -> meter.getKey() + "=" + meter.getValue())
            .collect(Collectors.joining(" "));
    return String.format(
        "   %-18s %-19s %6d %8d %7d %6d %8s  %s",
        tenant,
        plan,
        tally.sent(),
        tally.admitted(),
        tally.limited(),
        tally.denied(),
        metered.containsKey(Story.CALLS) ? metered.get(Story.CALLS).toString() : "-",
        features.isEmpty() ? why : why.isEmpty() ? features : why + "; " + features);
  }
}
