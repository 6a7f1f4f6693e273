package io.tollgate.proxy.upstream;

import io.netty.buffer.ByteBuf;

/** A connection that left HTTP: bytes both ways. Used on its event loop only. */
public interface UpstreamTunnel {
  /** What the upstream sends. */
  interface Bytes {
    /** Bytes; the receiver releases them. */
    void onBytes(ByteBuf bytes);

    /** More may be written. */
    void onWritable();

    /** The upstream closed. */
    void onClosed();
  }

  /** Says who listens from now on. */
  void listen(Bytes bytes);

  /** Sends bytes; takes over the buffer. */
  void write(ByteBuf bytes);

  /** Whether more can be written without piling up. */
  boolean isWritable();

  /** Stops reading. */
  void pause();

  /** Reads on. */
  void resume();

  /** Closes after what was written is out. */
  void close();
}
