package io.tollgate.agent.config;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;

/**
 * A file of {@link Properties} format in UTF-8, read line by line so that each key knows its own.
 * {@link Properties} itself decodes a line; this class only finds where lines begin and end.
 */
final class PropertiesFile {
  private PropertiesFile() {}

  /**
   * Adds the file's settings.
   *
   * @throws SettingsException if the file cannot be read, or has a key twice
   */
  static void read(String path, Map<String, Setting> into) throws SettingsException {
    File file = new File(path);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8))) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        int first = number;
        StringBuilder logical = new StringBuilder(line);
        while (!isComment(line) && continues(line)) {
          line = lines.readLine();
          number++;
          if (line == null) {
            break;
          }
          logical.append('\n').append(line);
        }
        add(logical.toString(), path + ":" + first, into);
      }
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new SettingsException(
          path, "cannot be read; give a readable properties file (" + unreadable + ")");
    }
  }

  private static void add(String line, String where, Map<String, Setting> into)
      throws IOException, SettingsException {
    Properties one = new Properties();
    one.load(new StringReader(line));
    for (String key : one.stringPropertyNames()) {
      Setting setting = new Setting(key, one.getProperty(key, "").trim(), where);
      Setting before = into.put(key, setting);
      if (before != null) {
        throw setting.refuse("stands in " + before.where + " already; keep one of them");
      }
    }
  }

  private static boolean isComment(String line) {
    String text = line.trim();
    return text.isEmpty() || text.charAt(0) == '#' || text.charAt(0) == '!';
  }

  /** An odd number of backslashes at its end makes a line go on in the next. */
  private static boolean continues(String line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }
}
