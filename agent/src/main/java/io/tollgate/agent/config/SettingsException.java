package io.tollgate.agent.config;

/** A setting is wrong; the message names where it stands and what is allowed. */
public final class SettingsException extends Exception {
  private static final long serialVersionUID = 1;

  SettingsException(String where, String message) {
    super(where + ": " + message);
  }
}
