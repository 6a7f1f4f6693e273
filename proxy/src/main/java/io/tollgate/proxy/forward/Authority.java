package io.tollgate.proxy.forward;

import io.netty.util.NetUtil;

/** Host and port as a request may name them (RFC 3986, section 3.2; RFC 9110, section 7.2). */
final class Authority {
  private static final String MARKS_AND_DELIMITERS = "-._~!$&'()*+,;=";
  private static final boolean[] OF_NAMES = new boolean[128];

  static {
    for (char c = 0; c < OF_NAMES.length; c++) {
      OF_NAMES[c] =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || MARKS_AND_DELIMITERS.indexOf(c) >= 0;
    }
  }

  private Authority() {}

  /** Whether it is a host, maybe with a port: nothing that could quote, split or end it. */
  static boolean isValid(String authority) {
    int end = authority.startsWith("[") ? literalEnd(authority) : nameEnd(authority);
    return end > 0 && isPort(authority, end);
  }

  /** Index behind an address in brackets; -1 where it is none. */
  private static int literalEnd(String authority) {
    int end = authority.indexOf(']');
    return end > 0 && NetUtil.isValidIpV6Address(authority.substring(1, end)) ? end + 1 : -1;
  }

  /** Index behind a name or an IPv4 address; -1 where it is none. */
  private static int nameEnd(String authority) {
    int at = 0;
    while (at < authority.length() && authority.charAt(at) != ':') {
      char c = authority.charAt(at);
      if (c == '%' && isHex(authority, at + 1) && isHex(authority, at + 2)) {
        at += 3;
      } else if (c < OF_NAMES.length && OF_NAMES[c]) {
        at++;
      } else {
        return -1;
      }
    }
    return at;
  }

  private static boolean isHex(String text, int at) {
    return at < text.length() && Character.digit(text.charAt(at), 16) >= 0;
  }

  /** Whether nothing follows, or a colon and digits, which may be none. */
  private static boolean isPort(String authority, int end) {
    if (end == authority.length()) {
      return true;
    }
    if (authority.charAt(end) != ':') {
      return false;
    }
    for (int i = end + 1; i < authority.length(); i++) {
      char c = authority.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
    }
    return true;
  }
}
