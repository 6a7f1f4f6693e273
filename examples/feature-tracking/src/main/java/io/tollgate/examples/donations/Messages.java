package io.tollgate.examples.donations;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends short messages; here they go no further than a count. The agent's configuration names
 * {@link #send} as the feature sms.
 */
final class Messages {
  private static final int LONGEST = 160;

  private final AtomicLong sent = new AtomicLong();

  /**
   * Sends one message.
   *
   * @return how many were sent so far
   */
  long send(String recipient, String text) {
    if (recipient.length() + text.length() > LONGEST) {
      return sent.get();
    }
    return sent.incrementAndGet();
  }
}
