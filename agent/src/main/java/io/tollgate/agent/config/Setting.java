package io.tollgate.agent.config;

/** One key with its value as it was written, and where it was written. */
final class Setting {
  final String key;
  final String value;
  final String where;

  /**
   * @param where file and line, or the place in the agent's arguments
   */
  Setting(String key, String value, String where) {
    this.key = key;
    this.value = value;
    this.where = where;
  }

  SettingsException refuse(String allowed) {
    return new SettingsException(where, key + ": " + allowed);
  }
}
