package io.tollgate.proxy.tenant;

import io.netty.util.AsciiString;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** API keys. */
final class KeyReader {
  private KeyReader() {}

  /**
   * Adds the places of an API key.
   *
   * @param tokens whether what has the form of a token is somebody else's
   */
  static void addTo(List<CredentialReader> readers, IdentitySource.Keys keys, boolean tokens) {
    for (String header : keys.headers()) {
      readers.add(new Field(AsciiString.cached(header), keys.strip()));
    }
    if (keys.authorization()) {
      readers.add(new Authorization(tokens, keys.strip()));
    }
    for (String parameter : keys.queryParameters()) {
      readers.add(new Parameter(parameter, tokens, keys.strip()));
    }
  }

  private static Credential whole(String value) {
    return known(KeyHasher.hash(value, 0, value.length()));
  }

  private static Credential known(@Nullable ApiKey key) {
    return key == null ? Credential.Malformed.MALFORMED : key;
  }

  /** A field whose whole value is a key. */
  private record Field(CharSequence name, boolean strip) implements CredentialReader {
    @Override
    public @Nullable Credential read(HttpServerRequest request) {
      String value = request.headers().get(name);
      return value == null ? null : whole(value);
    }

    @Override
    public boolean isPresent(HttpServerRequest request) {
      return request.headers().contains(name);
    }

    @Override
    public void strip(boolean decided, Outgoing call) {
      if (decided && strip) {
        call.removeField(name);
      }
    }
  }

  /** A query parameter whose whole value is a key. */
  private record Parameter(String name, boolean tokens, boolean strip) implements CredentialReader {
    @Override
    public @Nullable Credential read(HttpServerRequest request) {
      String value = value(request);
      return value == null ? null : whole(value);
    }

    @Override
    public boolean isPresent(HttpServerRequest request) {
      return value(request) != null;
    }

    private @Nullable String value(HttpServerRequest request) {
      String value = TokenReader.parameter(request, name);
      return value == null || (tokens && Token.isLike(value, 0)) ? null : value;
    }

    @Override
    public void strip(boolean decided, Outgoing call) {
      if (decided && strip) {
        call.removeParameter(name);
      }
    }
  }

  /** Bearer, ApiKey and the user of Basic; other schemes are the upstream's. */
  private record Authorization(boolean tokens, boolean strip) implements CredentialReader {
    @Override
    public @Nullable Credential read(HttpServerRequest request) {
      String value = request.headers().get(HttpHeaders.AUTHORIZATION);
      if (value == null) {
        return null;
      }
      int from = begin(value, "Bearer");
      if (from >= 0) {
        return tokens && Token.isLike(value, from) ? null : key(value, from);
      }
      from = begin(value, "ApiKey");
      if (from >= 0) {
        return key(value, from);
      }
      from = begin(value, "Basic");
      return from < 0 ? null : basicUser(value.substring(from));
    }

    @Override
    public boolean isPresent(HttpServerRequest request) {
      String value = request.headers().get(HttpHeaders.AUTHORIZATION);
      if (value == null) {
        return false;
      }
      int bearer = begin(value, "Bearer");
      return bearer >= 0
          ? !tokens || !Token.isLike(value, bearer)
          : begin(value, "ApiKey") >= 0 || begin(value, "Basic") >= 0;
    }

    @Override
    public void strip(boolean decided, Outgoing call) {
      if (decided && strip) {
        call.removeField(HttpHeaders.AUTHORIZATION);
      }
    }

    private static Credential key(String value, int from) {
      return known(KeyHasher.hash(value, from, value.length()));
    }

    private static Credential basicUser(String encoded) {
      byte[] pair;
      try {
        pair = Base64.getDecoder().decode(encoded);
      } catch (IllegalArgumentException e) {
        return Credential.Malformed.MALFORMED;
      }
      String text = new String(pair, StandardCharsets.ISO_8859_1);
      int colon = text.indexOf(':');
      return known(KeyHasher.hash(text, 0, colon < 0 ? text.length() : colon));
    }
  }

  /** Where the credential begins after its scheme and spaces; -1 for another scheme. */
  static int begin(String value, String scheme) {
    int from = scheme.length();
    if (!value.regionMatches(true, 0, scheme, 0, from)
        || (value.length() > from && value.charAt(from) != ' ')) {
      return -1;
    }
    while (from < value.length() && value.charAt(from) == ' ') {
      from++;
    }
    return from;
  }
}
