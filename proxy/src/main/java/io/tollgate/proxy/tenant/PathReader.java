package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.IdentitySource;
import io.tollgate.proxy.route.Routes;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** The tenant in a segment of the path, read as routes read it. */
record PathReader(IdentitySource.Path source, CallView view) implements CredentialReader {
  @Override
  public @Nullable Credential read(HttpServerRequest request) {
    String path = Routes.plain(view.path(request));
    if (!source.pattern().matches(path)) {
      return null;
    }
    int from = 1;
    for (int i = 0; i < source.segment(); i++) {
      from = path.indexOf('/', from) + 1;
    }
    int end = path.indexOf('/', from);
    return Credential.Named.of(path.substring(from, end < 0 ? path.length() : end), "path");
  }

  @Override
  public boolean isPresent(HttpServerRequest request) {
    return source.pattern().matches(Routes.plain(view.path(request)));
  }
}
