package io.tollgate.proxy.forward;

/**
 * A call of which bytes lie here since somebody is slow: its upstream, its caller, or who is asked
 * about it first. On its event loop.
 */
public interface Held {
  /** How many bytes there may be; 0 for none. */
  int lying();

  /** Ends the call, so that there is room. */
  void makeRoom();
}
