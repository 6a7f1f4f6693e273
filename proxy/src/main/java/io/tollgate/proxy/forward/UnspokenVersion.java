package io.tollgate.proxy.forward;

/** A request line whose version is not one that is spoken here. */
final class UnspokenVersion extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnspokenVersion(String version) {
    super(version + " is not spoken here");
  }
}
