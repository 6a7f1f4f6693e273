package io.tollgate.proxy.upstream;

/** A head larger than the upstream says that it takes: the caller's matter, not the upstream's. */
public final class HeadTooLarge extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  HeadTooLarge(long most) {
    super("the header fields are larger than the " + most + " bytes the service takes");
  }
}
