package io.tollgate.agent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which methods of which classes a feature counts: {@code class#method} or {@code
 * class#method(type, type)}. In class and method {@code *} stands for any run of characters; {@code
 * new} as the method means constructors. Immutable.
 */
public final class MethodRule {
  private static final String CONSTRUCTOR = "new";

  private final NamePattern type;
  private final NamePattern method;
  private final @Nullable List<String> parameters;
  private final String text;

  private MethodRule(String type, String method, @Nullable List<String> parameters, String text) {
    this.type = new NamePattern(type);
    this.method = new NamePattern(method);
    this.parameters = parameters;
    this.text = text;
  }

  /**
   * Reads one rule.
   *
   * @param setting where it stands
   * @param text the rule alone
   * @throws SettingsException if it is none
   */
  static MethodRule parse(Setting setting, String text) throws SettingsException {
    int hash = text.indexOf('#');
    int open = text.indexOf('(');
    int end = open < 0 ? text.length() : open;
    if (hash <= 0 || hash >= end - 1 || (open >= 0 && !text.endsWith(")"))) {
      throw setting.refuse(
          "'" + text + "' is no method; write package.Class#method or package.Class#method(types)");
    }
    String type = text.substring(0, hash).trim();
    String method = text.substring(hash + 1, end).trim();
    check(
        setting, type, ".$*", "a class name, for example io.acme.Receipts or io.acme.Outer$Inner");
    check(setting, method, "*", "a method's name, or new for constructors");
    int star = type.indexOf('*');
    if (star >= 0 && star <= type.indexOf('.')) {
      throw setting.refuse(
          "'" + type + "' would match nearly every class; begin with a package in full");
    }
    if (star == 0 || (star > 0 && type.indexOf('.') < 0)) {
      throw setting.refuse("'" + type + "' would match nearly every class; begin with a package");
    }
    List<String> parameters =
        open < 0 ? null : Words.split(text.substring(open + 1, text.length() - 1), ',');
    return new MethodRule(type, method, parameters, text);
  }

  private static void check(Setting setting, String name, String extra, String allowed)
      throws SettingsException {
    for (int at = 0; at < name.length(); at++) {
      char letter = name.charAt(at);
      if (!Character.isJavaIdentifierPart(letter) && extra.indexOf(letter) < 0) {
        throw setting.refuse("'" + name + "' has '" + letter + "'; write " + allowed);
      }
    }
  }

  /**
   * Whether the rule names one class, without a {@code *}.
   *
   * @return whether it does
   */
  public boolean namesOneType() {
    return type.isExact();
  }

  /**
   * The class, as written.
   *
   * @return a binary name, perhaps with {@code *}
   */
  public String type() {
    return type.toString();
  }

  /**
   * Whether a class is meant.
   *
   * @param binaryName its binary name, as in {@code io.acme.Outer$Inner}
   * @return whether it is
   */
  public boolean matchesType(String binaryName) {
    return type.matches(binaryName);
  }

  /**
   * Whether a method of a class that matches is meant.
   *
   * @param name its name; {@code <init>} for a constructor
   * @param parameterTypes the names of its parameters' erased types, as in {@code java.lang.String}
   *     or {@code int[]}
   * @return whether it is
   */
  public boolean matchesMethod(String name, List<String> parameterTypes) {
    boolean named =
        name.equals("<init>") ? method.toString().equals(CONSTRUCTOR) : method.matches(name);
    return named && (parameters == null || parameters.equals(parameterTypes));
  }

  /**
   * The rules of a feature, in a list.
   *
   * @throws SettingsException if one is wrong or there is none
   */
  static List<MethodRule> parseAll(Setting setting) throws SettingsException {
    List<MethodRule> rules = new ArrayList<>();
    for (String word : Words.splitOutsideParentheses(setting.value)) {
      rules.add(parse(setting, word));
    }
    if (rules.isEmpty()) {
      throw setting.refuse("names no method; write package.Class#method, several with commas");
    }
    return Collections.unmodifiableList(rules);
  }

  @Override
  public String toString() {
    return text;
  }
}
