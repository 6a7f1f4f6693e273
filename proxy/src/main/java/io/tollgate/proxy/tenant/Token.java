package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.IdentitySource.Carrier;

/**
 * A JSON Web Token in its compact form, not verified yet. It is known by the SHA-256 of its text;
 * the text is kept while it is being verified and no longer.
 */
final class Token implements Credential {
  /** Longer texts are no tokens of ours. */
  static final int LONGEST = 16 << 10;

  private final ApiKey digest;
  private final String text;
  private final Carrier carrier;

  Token(ApiKey digest, String text, Carrier carrier) {
    this.digest = digest;
    this.text = text;
    this.carrier = carrier;
  }

  /** Where it stood: only the issuers expected there are asked about it. */
  Carrier carrier() {
    return carrier;
  }

  /** Whether the text from an index on has the form of a signed token: three parts, a JSON head. */
  static boolean isLike(String text, int from) {
    if (!text.startsWith("eyJ", from)) {
      return false;
    }
    int first = text.indexOf('.', from);
    int second = first < 0 ? -1 : text.indexOf('.', first + 1);
    return second > 0 && text.indexOf('.', second + 1) < 0;
  }

  ApiKey digest() {
    return digest;
  }

  String text() {
    return text;
  }

  /** Tells that it is a token, not which. */
  @Override
  public String toString() {
    return "(token)";
  }
}
