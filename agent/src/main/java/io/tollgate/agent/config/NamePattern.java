package io.tollgate.agent.config;

/** A name in which {@code *} stands for any run of characters. Immutable. */
final class NamePattern {
  private final String pattern;

  NamePattern(String pattern) {
    this.pattern = pattern;
  }

  boolean isExact() {
    return pattern.indexOf('*') < 0;
  }

  boolean matches(String name) {
    int inName = 0;
    int inPattern = 0;
    int star = -1;
    int retry = 0;
    while (inName < name.length()) {
      if (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
        star = inPattern++;
        retry = inName;
      } else if (inPattern < pattern.length() && pattern.charAt(inPattern) == name.charAt(inName)) {
        inPattern++;
        inName++;
      } else if (star >= 0) {
        inPattern = star + 1;
        inName = ++retry;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
      inPattern++;
    }
    return inPattern == pattern.length();
  }

  @Override
  public String toString() {
    return pattern;
  }
}
