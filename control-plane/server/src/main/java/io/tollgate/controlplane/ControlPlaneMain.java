package io.tollgate.controlplane;

/** The control plane's composition root. */
public final class ControlPlaneMain {
  private ControlPlaneMain() {}

  /** Starts the control plane. */
  public static void main(String[] args) {}
}
