package io.tollgate.proxy.tenant;

import io.netty.util.AsciiString;
import io.tollgate.proxy.config.Identification;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a credential from one place of a request. */
interface CredentialReader {
  /** The credential; null where the request has none in this place. */
  @Nullable Credential read(HttpServerRequest request);

  /** The readers of the configured places, in their order. */
  static List<CredentialReader> of(Identification settings) {
    List<CredentialReader> readers = new ArrayList<>();
    for (String header : settings.apiKeyHeaders()) {
      CharSequence name = AsciiString.cached(header);
      readers.add(request -> whole(request.headers().get(name)));
    }
    if (settings.authorization()) {
      readers.add(request -> authorization(request.headers().get(HttpHeaders.AUTHORIZATION)));
    }
    for (String parameter : settings.queryParameters()) {
      readers.add(request -> whole(request.query() == null ? null : request.getParam(parameter)));
    }
    return List.copyOf(readers);
  }

  private static @Nullable Credential authorization(@Nullable String value) {
    if (value == null) {
      return null;
    }
    Credential bearer = afterScheme(value, "Bearer");
    if (bearer != null) {
      return bearer;
    }
    Credential apiKey = afterScheme(value, "ApiKey");
    return apiKey != null ? apiKey : basicUser(value);
  }

  private static @Nullable Credential whole(@Nullable String value) {
    return value == null ? null : known(KeyHasher.hash(value, 0, value.length()));
  }

  private static @Nullable Credential afterScheme(String value, String scheme) {
    int from = begin(value, scheme);
    return from < 0 ? null : known(KeyHasher.hash(value, from, value.length()));
  }

  private static @Nullable Credential basicUser(String value) {
    int from = begin(value, "Basic");
    if (from < 0) {
      return null;
    }
    byte[] pair;
    try {
      pair = Base64.getDecoder().decode(value.substring(from));
    } catch (IllegalArgumentException e) {
      return Credential.Malformed.MALFORMED;
    }
    String text = new String(pair, StandardCharsets.ISO_8859_1);
    int colon = text.indexOf(':');
    return known(KeyHasher.hash(text, 0, colon < 0 ? text.length() : colon));
  }

  /** Where the credential begins after its scheme and spaces; -1 for another scheme. */
  private static int begin(String value, String scheme) {
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

  private static Credential known(@Nullable ApiKey key) {
    return key == null ? Credential.Malformed.MALFORMED : key;
  }
}
