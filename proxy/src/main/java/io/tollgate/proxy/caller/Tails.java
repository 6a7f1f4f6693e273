package io.tollgate.proxy.caller;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The trailers of an HTTP/1.1 connection's requests until somebody asks for them. They are known by
 * the map of their request's head, which Vert.x shows as the decoder made it.
 */
final class Tails {
  private record Tail(HttpHeaders head, HttpHeaders trailers) {}

  private static final int MOST_KEPT = 8;

  private final ArrayDeque<Tail> tails = new ArrayDeque<>(2);
  private @Nullable HttpHeaders head;

  /** The head of the request whose end comes next. */
  void begin(HttpHeaders request) {
    head = request;
  }

  /** Its end. */
  void end(LastHttpContent last) {
    if (!last.trailingHeaders().isEmpty() && head != null) {
      if (tails.size() == MOST_KEPT) {
        tails.removeFirst(); // of requests that were answered before their end
      }
      tails.addLast(new Tail(head, last.trailingHeaders()));
    }
  }

  /** What came at the end of the request with this head; null for nothing. To be asked once. */
  @SuppressWarnings("ReferenceEquality") // a map is itself alone
  @Nullable HttpHeaders take(Object request) {
    Tail found = null;
    for (Tail tail : tails) {
      if (tail.head() == request) {
        found = tail;
      }
    }
    if (found == null) {
      return null;
    }
    tails.remove(found);
    return found.trailers();
  }
}
