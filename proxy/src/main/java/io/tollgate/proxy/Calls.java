package io.tollgate.proxy;

import io.tollgate.proxy.caller.TrustedPeers;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.tenant.CallView;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/** A call's host, path and peer, told to the tenant room as the forward room reads them. */
record Calls(RequestCheck check, TrustedPeers peers) implements CallView {
  @Override
  public String host(HttpServerRequest request) {
    return check.host(request);
  }

  @Override
  public String path(HttpServerRequest request) {
    return check.path(request);
  }

  @Override
  public boolean isTrusted(HttpServerRequest request) {
    SocketAddress peer = request.connection().remoteAddress();
    return peer != null && peers.contains(peer.hostAddress());
  }
}
