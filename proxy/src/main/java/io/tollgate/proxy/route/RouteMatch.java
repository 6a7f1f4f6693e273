package io.tollgate.proxy.route;

import java.util.Map;
import java.util.Set;

/**
 * Which calls a route means. Every condition given must hold.
 *
 * @param methods upper-case methods; empty for all
 * @param host host pattern: a name, or {@code *.example.org}; empty for all
 * @param path path pattern
 * @param headers fields that must be present with exactly this value, or with any for {@code "*"}
 * @param grpc {@code package.Service/Method} or {@code package.Service/*}; empty where the call
 *     need not be gRPC
 */
public record RouteMatch(
    Set<String> methods, String host, PathPattern path, Map<String, String> headers, String grpc) {
  /** Every call. */
  public static final RouteMatch ALL = new RouteMatch(Set.of(), "", PathPattern.ALL, Map.of(), "");

  public RouteMatch {
    methods = Set.copyOf(methods);
    headers = Map.copyOf(headers);
  }

  boolean matches(String method, String calledHost, String calledPath, CallHeaders fields) {
    return (methods.isEmpty() || methods.contains(method))
        && (host.isEmpty() || matchesHost(calledHost))
        && path.matches(calledPath)
        && (headers.isEmpty() || matchesHeaders(fields))
        && (grpc.isEmpty() || matchesGrpc(calledPath, fields));
  }

  private boolean matchesHost(String called) {
    int end = called.startsWith("[") ? called.indexOf(']') + 1 : called.indexOf(':');
    int length = end > 0 ? end : called.length();
    if (length > 0 && called.charAt(length - 1) == '.') {
      length--; // the same name, spelt from the root
    }
    if (host.startsWith("*.")) {
      int suffix = host.length() - 1;
      return length > suffix && called.regionMatches(true, length - suffix, host, 1, suffix);
    }
    return length == host.length() && called.regionMatches(true, 0, host, 0, length);
  }

  private boolean matchesHeaders(CallHeaders fields) {
    for (Map.Entry<String, String> wanted : headers.entrySet()) {
      String value = fields.get(wanted.getKey());
      if (value == null || !(wanted.getValue().equals("*") || wanted.getValue().equals(value))) {
        return false;
      }
    }
    return true;
  }

  private boolean matchesGrpc(String calledPath, CallHeaders fields) {
    String type = fields.get("content-type");
    if (type == null || !type.startsWith("application/grpc")) {
      return false;
    }
    if (grpc.endsWith("/*")) {
      int prefix = grpc.length() - 1;
      return calledPath.regionMatches(1, grpc, 0, prefix) && calledPath.length() > prefix + 1;
    }
    return calledPath.length() == grpc.length() + 1
        && calledPath.regionMatches(1, grpc, 0, grpc.length());
  }
}
