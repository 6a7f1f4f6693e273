package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** The tenant in a field that only trusted peers may set. From anybody else it is not there. */
record HeaderReader(IdentitySource.TrustedHeader source, CallView view)
    implements CredentialReader {
  @Override
  public @Nullable Credential read(HttpServerRequest request) {
    String value = request.headers().get(source.name());
    return value == null || !view.isTrusted(request) ? null : Credential.Named.of(value, "header");
  }

  @Override
  public boolean isPresent(HttpServerRequest request) {
    return request.headers().contains(source.name()) && view.isTrusted(request);
  }

  /** Where it did not decide it is somebody's claim, which the upstream must not take for ours. */
  @Override
  public void strip(boolean decided, Outgoing call) {
    if (!decided || source.strip()) {
      call.removeField(source.name());
    }
  }
}
