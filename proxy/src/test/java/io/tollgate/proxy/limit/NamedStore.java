package io.tollgate.proxy.limit;

/** A node among some; what it says goes to its cells as a test has it. */
abstract class NamedStore implements LimitStore {
  private final String node;
  private final long incarnation;
  private final int nodes;

  NamedStore(String node, long incarnation, int nodes) {
    this.node = node;
    this.incarnation = incarnation;
    this.nodes = nodes;
  }

  @Override
  public final String node() {
    return node;
  }

  @Override
  public final long incarnation() {
    return incarnation;
  }

  @Override
  public final int nodes() {
    return nodes;
  }
}
