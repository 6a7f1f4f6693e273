package io.tollgate.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * A proxy under load and what was measured of it.
 *
 * @param name what it is called in the table
 * @param process the program
 * @param port where it takes traffic
 * @param counted its rounds
 */
record Peer(String name, ProcessHandle process, int port, List<Round> counted) {
  /**
   * One round.
   *
   * @param cpuMicros CPU a request, in microseconds
   * @param result what the load saw
   * @param residentKib resident memory after it
   */
  record Round(double cpuMicros, Load.Result result, long residentKib) {}

  Peer(String name, Process process, int port) {
    this(name, process.toHandle(), port, new ArrayList<>());
  }

  double cpu() {
    return median(counted.stream().map(Round::cpuMicros).toList());
  }

  double p50() {
    return median(counted.stream().map(round -> (double) round.result().p50()).toList());
  }

  double p99() {
    return median(counted.stream().map(round -> (double) round.result().p99()).toList());
  }

  long requests() {
    return counted.stream().mapToLong(round -> round.result().requests()).sum();
  }

  long errors() {
    return counted.stream().mapToLong(round -> round.result().errors()).sum();
  }

  /** The most memory it had after a round, in MiB. */
  long residentMib() {
    return counted.stream().mapToLong(Round::residentKib).max().orElse(0) / 1024;
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
