package host;

import java.lang.reflect.Proxy;

/** Serves one request by a servlet of each namespace, as a container would. */
public final class ServletHost {
  public static void main(String[] arguments) throws Exception {
    new JavaxServlet()
        .service(
            request(javax.servlet.http.HttpServletRequest.class, "javax-tenant"),
            response(javax.servlet.http.HttpServletResponse.class));
    new JakartaServlet()
        .service(
            request(jakarta.servlet.http.HttpServletRequest.class, "jakarta-tenant"),
            response(jakarta.servlet.http.HttpServletResponse.class));
  }

  private static <T> T response(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            ServletHost.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, values) -> {
              throw new UnsupportedOperationException(method.getName());
            }));
  }

  private static <T> T request(Class<T> type, String tenant) {
    return type.cast(
        Proxy.newProxyInstance(
            ServletHost.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, values) -> {
              switch (method.getName()) {
                case "getMethod":
                  return "GET";
                case "getHeader":
                  return "X-Tollgate-Tenant".equals(values[0]) ? tenant : null;
                default:
                  throw new UnsupportedOperationException(method.getName());
              }
            }));
  }

  static final class JavaxServlet extends javax.servlet.http.HttpServlet {
    @Override
    protected void doGet(
        javax.servlet.http.HttpServletRequest request,
        javax.servlet.http.HttpServletResponse response) {
      new Work().plain();
    }
  }

  static final class JakartaServlet extends jakarta.servlet.http.HttpServlet {
    @Override
    protected void doGet(
        jakarta.servlet.http.HttpServletRequest request,
        jakarta.servlet.http.HttpServletResponse response) {
      new Work().plain();
    }
  }
}
