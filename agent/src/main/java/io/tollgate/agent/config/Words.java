package io.tollgate.agent.config;

import java.util.ArrayList;
import java.util.List;

/** Lists within a setting. */
final class Words {
  private Words() {}

  /** The trimmed, non-empty parts between separators. */
  static List<String> split(String text, char separator) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int at = 0; at <= text.length(); at++) {
      if (at == text.length() || text.charAt(at) == separator) {
        add(text.substring(from, at), words);
        from = at + 1;
      }
    }
    return words;
  }

  /** The trimmed, non-empty parts between commas that stand outside parentheses. */
  static List<String> splitOutsideParentheses(String text) {
    List<String> words = new ArrayList<>();
    int from = 0;
    int depth = 0;
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      if (letter == '(') {
        depth++;
      } else if (letter == ')') {
        depth--;
      } else if (letter == ',' && depth == 0) {
        add(text.substring(from, at), words);
        from = at + 1;
      }
    }
    add(text.substring(from), words);
    return words;
  }

  private static void add(String word, List<String> words) {
    String trimmed = word.trim();
    if (!trimmed.isEmpty()) {
      words.add(trimmed);
    }
  }
}
