package io.tollgate.proxy.http;

import io.netty.buffer.ByteBuf;

/** One side of a connection that left HTTP: bytes. Used on its event loop only. */
public interface Tunnel {
  /** What this side says. */
  interface Bytes {
    /** Bytes; the receiver releases them. */
    void onBytes(ByteBuf bytes);

    /** More may be written. */
    void onWritable();

    /** It sends no more, but may still read. */
    void onEnd();

    /** It is gone, both ways. */
    void onClosed();
  }

  /** Says who listens from now on; what came before is told first. */
  void listen(Bytes bytes);

  /** Sends bytes; takes over the buffer. */
  void write(ByteBuf bytes);

  /** Sends no more after what was written, but still reads. */
  void end();

  /** Whether more can be written without piling up. */
  boolean isWritable();

  /** Stops reading. */
  void pause();

  /** Reads on. */
  void resume();

  /** Closes both ways after what was written is out. */
  void close();

  /** Closes both ways at once. */
  void abort();
}
