package io.tollgate.proxy.forward;

import io.tollgate.proxy.upstream.UpstreamStream;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * What of one HTTP/2 answer waits here, since its caller's windows are closed or its connection
 * takes no more. Counted byte by byte: Vert.x calls such a response full only when sixteen pieces
 * of any size lie before its closed window, and says nothing of those of an answer that is over. On
 * the call's event loop.
 */
final class Unread {
  private final CallRelay call;
  private final Forwarder forwarder;
  private int bytes;
  private boolean paused;
  private @Nullable Runnable onRoom;

  Unread(CallRelay call, Forwarder forwarder) {
    this.call = call;
    this.forwarder = forwarder;
  }

  /** Bytes that wait. */
  int bytes() {
    return bytes;
  }

  /** Whether so many wait that no more should be read. */
  boolean isFull() {
    return bytes >= forwarder.mayWait();
  }

  /** Whether the upstream is held back for them. */
  boolean holdsBack() {
    return paused;
  }

  /** Who reads on, of a stream that has left HTTP, whenever there is room. */
  void whenRoom(Runnable reader) {
    onRoom = reader;
  }

  /** A piece was given to the connection; this may cut the call off. */
  void wrote(Future<Void> written, int length) {
    if (written.isComplete()) {
      return;
    }
    bytes += length;
    var unused = written.onComplete(done -> went(length));
    forwarder.lies(call);
  }

  /** Reads no more from the upstream where enough waits. */
  void pause(UpstreamStream up) {
    if (!paused && isFull()) {
      paused = true;
      up.pause();
    }
  }

  private void went(int length) {
    bytes -= length;
    forwarder.moved(call);
    if (isFull()) {
      return;
    }
    if (onRoom != null) {
      onRoom.run();
    }
    if (paused) {
      paused = false;
      UpstreamStream up = call.stream();
      if (up != null) {
        up.resume();
      }
    }
  }
}
