package io.tollgate.agent.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The agent's arguments: a file's name alone, or key=value pairs with commas between them. */
final class Arguments {
  /** The key that names the properties file. */
  static final String FILE = "config";

  private Arguments() {}

  static Map<String, Setting> read(String arguments) throws SettingsException {
    Map<String, Setting> settings = new HashMap<>();
    List<String> words = Words.splitOutsideParentheses(arguments);
    for (String word : words) {
      String where = "agent argument '" + word + "'";
      int equals = word.indexOf('=');
      if (equals < 0 && !settings.isEmpty()) {
        throw new SettingsException(where, "is no key=value; write the file first, or config=FILE");
      }
      String key = equals < 0 ? FILE : word.substring(0, equals).trim();
      String value = equals < 0 ? word : word.substring(equals + 1).trim();
      if (settings.put(key, new Setting(key, value, where)) != null) {
        throw new SettingsException(where, key + ": is given twice; keep one of them");
      }
    }
    return settings;
  }
}
