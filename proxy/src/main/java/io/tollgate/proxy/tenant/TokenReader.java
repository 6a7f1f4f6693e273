package io.tollgate.proxy.tenant;

import io.netty.util.AsciiString;
import io.tollgate.proxy.config.IdentitySource.Carrier;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON Web Tokens. What has not the form of one is somebody else's. */
final class TokenReader {
  private TokenReader() {}

  static void addTo(List<CredentialReader> readers, Carrier carrier, boolean strip) {
    readers.add(new Field(AsciiString.cached(carrier.header()), carrier, strip));
    if (!carrier.queryParameter().isEmpty()) {
      readers.add(new Parameter(carrier.queryParameter(), carrier, strip));
    }
  }

  /**
   * A query parameter's first value; null for none, and without looking where there is no query.
   */
  static @Nullable String parameter(HttpServerRequest request, String name) {
    return request.query() == null ? null : request.getParam(name);
  }

  private static Credential token(String text, Carrier carrier) {
    ApiKey digest = KeyHasher.hashToken(text);
    return digest == null ? Credential.Malformed.MALFORMED : new Token(digest, text, carrier);
  }

  /** {@code Bearer TOKEN}; in other fields than Authorization also the token alone. */
  private record Field(CharSequence name, Carrier carrier, boolean strip)
      implements CredentialReader {
    @Override
    public @Nullable Credential read(HttpServerRequest request) {
      String value = request.headers().get(name);
      int from = value == null ? -1 : from(value);
      return value == null || from < 0 ? null : token(value.substring(from), carrier);
    }

    @Override
    public boolean isPresent(HttpServerRequest request) {
      String value = request.headers().get(name);
      return value != null && from(value) >= 0;
    }

    private int from(String value) {
      int bearer = KeyReader.begin(value, "Bearer");
      int from =
          bearer >= 0 || HttpHeaders.AUTHORIZATION.toString().equalsIgnoreCase(name.toString())
              ? bearer
              : 0;
      return from >= 0 && Token.isLike(value, from) ? from : -1;
    }

    @Override
    public void strip(boolean decided, Outgoing call) {
      if (decided && strip) {
        call.removeField(name);
      }
    }
  }

  /** A query parameter. */
  private record Parameter(String name, Carrier carrier, boolean strip)
      implements CredentialReader {
    @Override
    public @Nullable Credential read(HttpServerRequest request) {
      String value = parameter(request, name);
      return value == null || !Token.isLike(value, 0) ? null : token(value, carrier);
    }

    @Override
    public boolean isPresent(HttpServerRequest request) {
      String value = parameter(request, name);
      return value != null && Token.isLike(value, 0);
    }

    @Override
    public void strip(boolean decided, Outgoing call) {
      if (decided && strip) {
        call.removeParameter(name);
      }
    }
  }
}
