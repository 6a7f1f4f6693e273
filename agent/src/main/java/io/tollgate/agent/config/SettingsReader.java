package io.tollgate.agent.config;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Takes settings one by one, each checked; what nobody took is refused at the end. */
final class SettingsReader {
  private final Map<String, Setting> left;
  private final Map<String, String> environment;
  private final TreeSet<String> known = new TreeSet<>();

  SettingsReader(Map<String, Setting> settings, Map<String, String> environment) {
    this.left = new HashMap<>(settings);
    this.environment = environment;
  }

  String environment(String variable, String otherwise) {
    String value = environment.get(variable);
    return value == null || !isName(value) ? otherwise : value;
  }

  /** All settings with a prefix, by what stands behind it. */
  Map<String, Setting> startingWith(String prefix) {
    Map<String, Setting> found = new HashMap<>();
    for (Setting setting : left.values()) {
      if (setting.key.startsWith(prefix)) {
        found.put(setting.key.substring(prefix.length()), setting);
      }
    }
    left.values().removeAll(found.values());
    return found;
  }

  String text(String key, String otherwise) throws SettingsException {
    Setting setting = take(key);
    if (setting == null) {
      return otherwise;
    }
    if (setting.value.isEmpty()) {
      throw setting.refuse("has no value; give one or remove the line (then: " + otherwise + ")");
    }
    return setting.value;
  }

  String name(String key, String otherwise) throws SettingsException {
    Setting setting = take(key);
    if (setting == null) {
      return otherwise;
    }
    checkName(setting, setting.value);
    return setting.value;
  }

  static void checkName(Setting setting, String name) throws SettingsException {
    if (!isName(name)) {
      throw setting.refuse(
          "'" + name + "' must have 1 to 128 characters, all letters, digits, or one of . _ : -");
    }
  }

  private static boolean isName(String name) {
    for (int at = 0; at < name.length(); at++) {
      char letter = name.charAt(at);
      boolean plain =
          (letter >= 'a' && letter <= 'z')
              || (letter >= 'A' && letter <= 'Z')
              || (letter >= '0' && letter <= '9');
      if (!plain && "._:-".indexOf(letter) < 0) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() <= 128;
  }

  URI httpUrl(String key, String otherwise) throws SettingsException {
    Setting setting = take(key);
    if (setting == null) {
      return URI.create(otherwise);
    }
    URI url = parse(setting.value);
    if (url == null || !"http".equals(url.getScheme()) || url.getHost() == null) {
      throw setting.refuse(
          "'" + setting.value + "' must be an http URL with a host, for example " + otherwise);
    }
    return url;
  }

  private static @Nullable URI parse(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  int number(String key, int otherwise, int least, int most) throws SettingsException {
    Setting setting = take(key);
    if (setting == null) {
      return otherwise;
    }
    long number = digits(setting.value);
    if (number < least || number > most) {
      throw setting.refuse(
          "'" + setting.value + "' must be a whole number from " + least + " to " + most);
    }
    return (int) number;
  }

  int millis(String key, String otherwise, int least, int most) throws SettingsException {
    Setting setting = take(key);
    String text = setting == null ? otherwise : setting.value;
    long millis = millis(text);
    if (setting != null && (millis < least || millis > most)) {
      throw setting.refuse(
          "'" + text + "' must be " + least + "ms to " + most + "ms, as in 500ms, 5s or 1m");
    }
    return (int) millis;
  }

  private static long millis(String text) {
    if (text.endsWith("ms")) {
      return digits(text.substring(0, text.length() - 2));
    }
    long unit = text.endsWith("s") ? 1_000 : text.endsWith("m") ? 60_000 : 0;
    long number = unit == 0 ? -1 : digits(text.substring(0, text.length() - 1));
    return number < 0 ? -1 : number * unit;
  }

  /** The number, -1 where the text is none of at most nine digits. */
  private static long digits(String text) {
    long number = 0;
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      if (letter < '0' || letter > '9') {
        return -1;
      }
      number = number * 10 + (letter - '0');
    }
    return text.isEmpty() || text.length() > 9 ? -1 : number;
  }

  boolean yesOrNo(String key, boolean otherwise) throws SettingsException {
    Setting setting = take(key);
    if (setting == null) {
      return otherwise;
    }
    if (!setting.value.equals("true") && !setting.value.equals("false")) {
      throw setting.refuse("'" + setting.value + "' must be true or false");
    }
    return setting.value.equals("true");
  }

  private @Nullable Setting take(String key) {
    known.add(key);
    return left.remove(key);
  }

  void refuseTheRest(String alsoKnown) throws SettingsException {
    for (Setting unknown : left.values()) {
      known.add(alsoKnown);
      throw unknown.refuse("is no setting; there are " + String.join(", ", known));
    }
  }
}
