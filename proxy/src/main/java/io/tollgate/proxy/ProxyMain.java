package io.tollgate.proxy;

/** The proxy's composition root. */
public final class ProxyMain {
  private ProxyMain() {}

  /** Starts the proxy. */
  public static void main(String[] args) {}
}
