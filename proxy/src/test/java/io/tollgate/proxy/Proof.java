package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Three proxies, what is around them, and what befalls them. Arguments: an empty directory, {@code
 * namespaces} or {@code relays}, a seed, {@code short} or {@code long}.
 */
final class Proof implements AutoCloseable {
  /** What lines begin with that are for those who run it. */
  static final String MARK = "proof: ";

  private static final int NODES = 3;
  private static final long LEASE_MILLIS = 1_000;

  /** Leases live on where what is shown is that nobody waits until they run out. */
  private static final String PATIENT = "{lease-ttl: 60s, answer-within: 5s}";

  private static final String HASTY = "{lease-ttl: " + LEASE_MILLIS + "ms}";

  /** A lease of a large limit lives twelve times as long, and an eighth more at its owner. */
  private static final long LASTING_MILLIS = 14 * LEASE_MILLIS;

  /** Seconds of silence that end a member: longer than it sleeps, which is another scene. */
  private static final int SHORT = 8;

  private static final int LONG = 25;

  private final boolean all;
  private final Path folder;
  private final Wires wires;
  private final Upstream upstream;
  private final FakeControlPlane root;
  private final List<Node> nodes = new ArrayList<>();
  private final SplittableRandom random;
  private final long began = System.nanoTime();

  private Proof(Path folder, Wires wires, long seed, boolean all) throws Exception {
    this.all = all;
    this.wires = wires;
    this.random = new SplittableRandom(seed);
    upstream = new Upstream(wires.hub(), NODES);
    root = new FakeControlPlane(wires.hub());
    for (int i = 0; i < NODES; i++) {
      nodes.add(new Node(i, wires.seat(i), folder, all ? LONG : SHORT));
    }
    this.folder = folder;
    configure(PATIENT);
  }

  /** How all of them enforce limits from their next start on. */
  private void configure(String limits) throws IOException {
    for (Node node : nodes) {
      node.configure(settings(node.number, limits));
    }
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    try (Wires wires = args[1].equals("namespaces") ? new Namespaces(NODES) : new Relays(NODES);
        Proof proof = new Proof(folder, wires, Long.parseLong(args[2]), args[3].equals("long"))) {
      proof.say(args[1] + ", seed " + args[2]);
      proof.play();
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
      System.exit(1);
    }
    System.exit(0);
  }

  private String settings(int number, String limits) {
    Seat seat = wires.seat(number);
    return """
        node: n%1$d
        data: "%2$s/data-%1$d"
        listener: {host: %3$s, port: %4$d}
        admin: {host: %3$s, port: %5$d}
        letterbox: {port: 0}
        cluster: {name: proof, host: %6$s, port: %7$d, members: [%8$s]}
        control-plane: {url: "http://%9$s:%10$d", token: {env: TOKEN}}
        upstreams: {api: {addresses: ["%9$s:%11$d"]}}
        limits: %12$s
        """
        .formatted(
            number,
            folder,
            seat.host(),
            seat.port(),
            seat.adminPort(),
            seat.clusterHost(),
            seat.clusterPort(),
            String.join(", ", wires.members().stream().map(each -> '"' + each + '"').toList()),
            wires.hub(),
            root.port(),
            upstream.port(number),
            limits);
  }

  private void play() throws Exception {
    startAll();
    say("three proxies");
    calm();
    scarce();
    lost();
    killed(Size.SMALL);
    paused(Size.SMALL, 5 * LEASE_MILLIS / 2);
    if (all) {
      killed(Size.LARGE);
      paused(Size.LARGE, LASTING_MILLIS);
    }
    cut();
  }

  private void startAll() throws Exception {
    for (Node node : nodes) {
      node.start();
    }
    together();
  }

  private void together() throws InterruptedException {
    until(() -> "three members", () -> nodes.stream().allMatch(node -> node.isReadyAmong(NODES)));
  }

  private void calm() throws Exception {
    try (Scene scene = scene("calm", Size.SMALL)) {
      scene.underWay();
      scene.settles();
      ends(scene, Tolerance.losing(0));
    }
  }

  /** What one holds and does not use is there for the others, and the end is known as the end. */
  private void scarce() throws Exception {
    Scarcity scarcity = new Scarcity(root, upstream, nodes);
    say(scarcity.idlePermits());
    say(scarcity.endOfAQuota());
  }

  /** One is killed, and started anew at once. */
  private void killed(Size size) throws Exception {
    Node victim = nodes.get(random.nextInt(NODES));
    try (Scene scene = scene("killed-" + victim.name, size)) {
      scene.underWay();
      scene.strikes();
      long left = scene.left();
      victim.kill();
      victim.start();
      together();
      scene.isOver(nodes);
      scene.settles();
      ends(scene, Tolerance.losing(leaseOf(left, scene) + blockOf(left)));
    }
  }

  /** One sleeps for longer than its leases live. */
  private void paused(Size size, long millis) throws Exception {
    Node victim = nodes.get(random.nextInt(NODES));
    try (Scene scene = scene("paused-" + victim.name, size)) {
      scene.underWay();
      Callers holding = scene.permits.callers.get(victim.number);
      holding.hold(true);
      until(
          () -> "calls upstream",
          () -> holding.underWay() == scene.permits.tally.atOnce(victim.number));
      scene.strikes();
      long left = scene.left();
      victim.stop();
      Thread.sleep(millis);
      victim.wake();
      holding.hold(false);
      scene.isOver(nodes);
      scene.settles();
      ends(scene, Tolerance.losing(leaseOf(left, scene) + blockOf(left)));
    }
  }

  /** Each is cut off from the others, and goes on as a cluster of its own until they merge. */
  private void cut() throws Exception {
    try (Scene scene = scene("cut", Size.SMALL)) {
      scene.underWay();
      scene.strikes();
      long left = scene.left();
      wires.cut();
      until(() -> "three sides", () -> nodes.stream().allMatch(node -> node.isReadyAmong(1)));
      scene.settles();
      wires.mend();
      together();
      scene.isOver(nodes);
      scene.settles();
      long aside = scene.size.burst() + scene.rateOf(scene.faultyNanos());
      ends(
          scene,
          new Tolerance(
              NODES * blockOf(left), (NODES - 1) * aside, (NODES - 1) * scene.size.permits()));
    }
  }

  /** All are killed at once, and with them all that the cluster knew; from then on in haste. */
  private void lost() throws Exception {
    try (Scene scene = scene("lost", Size.SMALL)) {
      scene.underWay();
      scene.strikes();
      long left = scene.left();
      for (Node node : nodes) {
        node.kill();
      }
      long out = scene.out();
      assertThat(out)
          .as("units that were with the proxies, of %d left", left)
          .isLessThanOrEqualTo(NODES * leaseOf(left, scene) + blockOf(left));
      configure(HASTY);
      startAll();
      scene.isOver(nodes);
      scene.settles();
      ends(scene, new Tolerance(out, scene.size.burst(), 0));
    }
  }

  /** The most that one proxy has leased when so much of a quota is left, and in calls under way. */
  private static long leaseOf(long left, Scene scene) {
    return left / (2 * NODES) + 2 * scene.callers();
  }

  /** The most that a cluster has from the root and has not leased. */
  private static long blockOf(long left) {
    return left / 8;
  }

  private Scene scene(String name, Size size) {
    return new Scene(name + "-" + size.quota(), size, root, upstream, nodes);
  }

  private void ends(Scene scene, Tolerance tolerance) {
    scene.ends(tolerance);
    say(scene + "\n    " + tolerance);
  }

  private void say(Object what) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    what.toString()
        .lines()
        .forEach(line -> System.out.println(MARK + millis + " ms " + line.strip()));
  }

  /** Waits at most a minute. */
  static void until(Supplier<String> what, BooleanSupplier condition) throws InterruptedException {
    until(60, what, condition);
  }

  static void until(long seconds, Supplier<String> what, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still waiting for " + what.get());
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      node.close();
      System.out.println(node.lastWords());
    }
    root.close();
    upstream.close();
  }
}
