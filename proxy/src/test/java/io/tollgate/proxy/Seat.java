package io.tollgate.proxy;

import java.util.List;

/**
 * Where a proxy runs and how it is reached.
 *
 * @param enter the command that runs what follows it there; empty for here
 * @param options what its JVM needs to be known by its wire to the other proxies
 * @param host where it takes calls and questions of its operator
 * @param port for calls
 * @param adminPort for questions
 * @param clusterHost where it listens to the other proxies
 * @param clusterPort for them
 */
record Seat(
    List<String> enter,
    List<String> options,
    String host,
    int port,
    int adminPort,
    String clusterHost,
    int clusterPort) {}
