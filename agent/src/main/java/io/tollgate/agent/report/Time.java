package io.tollgate.agent.report;

/** The clocks of this process; tests have their own. */
class Time {
  /** Milliseconds since 1970 by the wall clock, which may be set back. */
  long wallMillis() {
    return System.currentTimeMillis();
  }

  /** Nanoseconds from some instant on; never goes back. */
  long nanos() {
    return System.nanoTime();
  }
}
