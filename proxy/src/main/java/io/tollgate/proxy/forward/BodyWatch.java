package io.tollgate.proxy.forward;

import io.netty.buffer.ByteBuf;

/** Looks at a call's bytes as they pass, on its event loop. It neither keeps nor changes them. */
public interface BodyWatch {
  /** A piece of the request's body, or of what an upgraded connection sends upstream. */
  void onRequestBytes(ByteBuf bytes);

  /** A piece of the answer's body, or of what an upgraded connection sends back. */
  void onResponseBytes(ByteBuf bytes);
}
