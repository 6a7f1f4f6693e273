package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.TenantPattern;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tenant in the host name that is called: one label, in lower case. */
record HostReader(TenantPattern pattern, CallView view) implements CredentialReader {
  @Override
  public @Nullable Credential read(HttpServerRequest request) {
    String tenant = label(request);
    return tenant == null ? null : Credential.Named.of(tenant.toLowerCase(Locale.ROOT), "host");
  }

  @Override
  public boolean isPresent(HttpServerRequest request) {
    return label(request) != null;
  }

  private @Nullable String label(HttpServerRequest request) {
    String host = view.host(request);
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    String name = end > 0 ? host.substring(0, end) : host;
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1); // the same name, spelt from the root
    }
    String tenant = pattern.tenant(name, true);
    return tenant == null || tenant.indexOf('.') >= 0 ? null : tenant;
  }
}
