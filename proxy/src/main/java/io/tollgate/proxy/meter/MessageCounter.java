package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;

/**
 * Counts the messages in one direction of a stream as its bytes pass, keeping none of them. A
 * message counts when its end has passed. Used by one thread at a time.
 */
interface MessageCounter {
  /** Looks at bytes without taking them. */
  void pass(ByteBuf bytes);

  /** Messages so far. */
  long count();

  /** Whether a message of our own could be put in after what has passed. */
  boolean isBetweenFrames();
}
