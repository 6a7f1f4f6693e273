package io.tollgate.agent.report;

/**
 * What the agent has to tell people, on the host's stderr. No logging framework: the host may not
 * have set up its own yet.
 */
public final class Log {
  private Log() {}

  /**
   * Tells something in one line.
   *
   * @param message the line
   */
  public static void say(String message) {
    System.err.println("tollgate-agent: " + message);
  }
}
