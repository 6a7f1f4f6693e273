package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.invoice.Claims;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * In which order drafts that become final together are composed anew: a step sees what the one
 * before it of its subscription was charged, so that one is final before.
 */
final class Rounds {
  private Rounds() {}

  /**
   * The steps of drafts in rounds, each draft's in one.
   *
   * @param billed in the order of the drafts' ids, in which they were made
   */
  static List<List<Claims.Step>> of(List<Claims.Step> billed) {
    Map<String, List<Claims.Step>> byDraft = new LinkedHashMap<>();
    billed.forEach(
        step -> byDraft.computeIfAbsent(step.invoice(), id -> new ArrayList<>()).add(step));
    Map<String, Integer> next = new HashMap<>();
    List<List<Claims.Step>> rounds = new ArrayList<>();
    for (List<Claims.Step> draft : byDraft.values()) {
      int round = 0;
      for (Claims.Step step : draft) {
        round = Math.max(round, next.getOrDefault(step.key().subscription(), 0));
      }
      for (Claims.Step step : draft) {
        next.put(step.key().subscription(), round + 1);
      }
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).addAll(draft);
    }
    return rounds;
  }
}
