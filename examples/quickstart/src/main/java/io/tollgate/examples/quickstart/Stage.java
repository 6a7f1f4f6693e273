package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs, started and ready.
 *
 * @param workspace where they keep their data
 * @param ports where they listen
 */
record Stage(Workspace workspace, Ports ports) {

  /**
   * Starts every program as its own process and waits until all are ready. Those that only wait for
   * each other start side by side.
   */
  static Stage start(Fleet fleet, Workspace workspace, Ports ports) throws InterruptedException {
    Stage stage = new Stage(workspace, ports);
    say("PostgreSQL, data in " + workspace.data().resolve("postgres"));
    Service postgres = stage.postgres();
    fleet.add(postgres);
    Fleet.await(postgres, () -> isListening(ports.postgres));
    say("control plane, two proxies, donations API with the agent");
    Map<Service, String> readiness = new LinkedHashMap<>();
    readiness.put(stage.controlPlane(), stage.api() + "/ready");
    readiness.put(stage.proxy('a'), stage.admin('a') + "/ready");
    readiness.put(stage.proxy('b'), stage.admin('b') + "/ready");
    readiness.put(stage.donations(), "http://127.0.0.1:" + ports.donations + "/health");
    readiness.keySet().forEach(fleet::add);
    for (Map.Entry<Service, String> service : readiness.entrySet()) {
      Fleet.await(service.getKey(), () -> Http.isUp(service.getValue()));
    }
    return stage;
  }

  private static void say(String what) {
    System.out.println("Starting " + what + " ...");
  }

  /** The control plane's address. */
  String api() {
    return "http://127.0.0.1:" + ports.controlPlane;
  }

  /** A proxy's address for calls. */
  String proxy(int index) {
    return "http://127.0.0.1:" + (index % 2 == 0 ? ports.proxyA : ports.proxyB);
  }

  /** A proxy's address for operators. */
  String admin(char node) {
    return "http://127.0.0.1:" + (node == 'a' ? ports.adminA : ports.adminB);
  }

  /** Has both proxies ship what they have counted; returns when the control plane has all of it. */
  void flush() throws InterruptedException {
    for (char node : new char[] {'a', 'b'}) {
      Http.Answer answer = Http.call("POST", admin(node) + "/flush", Map.of(), "");
      if (answer.status() != 200) {
        throw new QuickstartException(
            "proxy " + node + " could not ship its journal: " + answer.body());
      }
    }
  }

  private Service postgres() {
    List<String> command = javaWithArchive("postgres", 48);
    command.addAll(
        List.of(
            "-jar",
            jar("control-plane/server/target/tollgate-control-plane.jar"),
            "postgres",
            "--data",
            workspace.data().resolve("postgres").toString(),
            "--port",
            Integer.toString(ports.postgres)));
    return Service.start("postgres", command, Map.of(), workspace.log("postgres"));
  }

  private Service controlPlane() {
    Path settings =
        workspace.settings(
            "control-plane.yaml",
            Map.of(
                "port", Integer.toString(ports.controlPlane),
                "postgres", Integer.toString(ports.postgres)));
    List<String> command = javaWithArchive("control-plane", 384);
    command.addAll(
        List.of(
            "-jar", jar("control-plane/server/target/tollgate-control-plane.jar"),
            "--config", settings.toString()));
    Map<String, String> secrets =
        Map.of(
            "TOLLGATE_ADMIN_TOKEN", workspace.secret("admin-token"),
            "TOLLGATE_PROXY_TOKEN", workspace.secret("proxy-token"));
    return Service.start("control-plane", command, secrets, workspace.log("control-plane"));
  }

  private Service proxy(char node) {
    boolean first = node == 'a';
    Map<String, String> values =
        Map.of(
            "node", "proxy-" + node,
            "data", workspace.data().resolve("proxy-" + node).toString(),
            "port", Integer.toString(first ? ports.proxyA : ports.proxyB),
            "admin", Integer.toString(first ? ports.adminA : ports.adminB),
            "letterbox", Integer.toString(first ? ports.letterboxA : ports.letterboxB),
            "cluster", Integer.toString(first ? ports.clusterA : ports.clusterB),
            "members", "\"127.0.0.1:" + ports.clusterA + "\", \"127.0.0.1:" + ports.clusterB + "\"",
            "control-plane", api(),
            "donations", "127.0.0.1:" + ports.donations);
    Path settings = workspace.settings("proxy.yaml", values);
    List<String> command = javaWithArchive("proxy-" + node, 192);
    command.addAll(
        List.of("-jar", jar("proxy/target/tollgate-proxy.jar"), "--config", settings.toString()));
    Map<String, String> secrets = Map.of("TOLLGATE_PROXY_TOKEN", workspace.secret("proxy-token"));
    return Service.start("proxy-" + node, command, secrets, workspace.log("proxy-" + node));
  }

  private Service donations() {
    Path settings =
        workspace.settings(
            "agent.properties",
            Map.of(
                "letterbox",
                "http://127.0.0.1:" + ports.letterboxA + "/letterbox",
                "spool",
                workspace.data().resolve("agent-spool").toString()));
    List<String> command = java(96);
    command.addAll(
        List.of(
            "-javaagent:" + jar("agent/target/tollgate-agent.jar") + "=" + settings,
            "-jar",
            jar("examples/feature-tracking/target/tollgate-donations.jar"),
            "--port",
            Integer.toString(ports.donations)));
    return Service.start("donations", command, Map.of(), workspace.log("donations"));
  }

  /** The JDK that runs this program, with settings for a short start on a small machine. */
  private static List<String> java(int heapMib) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMib + "m");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    return command;
  }

  /** The same, and from the second start on with the classes the first one loaded. */
  private List<String> javaWithArchive(String name, int heapMib) {
    List<String> command = java(heapMib);
    command.add("-XX:+AutoCreateSharedArchive");
    command.add("-XX:SharedArchiveFile=" + workspace.data().resolve("cds-" + name + ".jsa"));
    command.add("-Xlog:disable");
    command.add("-Xlog:all=error:stderr");
    return command;
  }

  private String jar(String path) {
    return workspace.home().resolve(path).toString();
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
