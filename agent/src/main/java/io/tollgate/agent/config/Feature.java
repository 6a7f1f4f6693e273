package io.tollgate.agent.config;

import java.util.List;

/** A feature whose calls are counted. Immutable. */
public final class Feature {
  private final int number;
  private final String key;
  private final List<MethodRule> rules;

  Feature(int number, String key, List<MethodRule> rules) {
    this.number = number;
    this.key = key;
    this.rules = rules;
  }

  /**
   * The feature's place among the configured ones: the constant in woven code.
   *
   * @return from 0
   */
  public int number() {
    return number;
  }

  /**
   * The feature's key in the catalog; the meter of its totals.
   *
   * @return the key
   */
  public String key() {
    return key;
  }

  /**
   * Which methods are counted.
   *
   * @return at least one rule
   */
  public List<MethodRule> rules() {
    return rules;
  }
}
