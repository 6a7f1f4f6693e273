package io.tollgate.proxy.caller;

/** A request line whose version is not one that is spoken here. */
public final class UnspokenVersion extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnspokenVersion(String version) {
    super(version + " is not spoken here");
  }
}
