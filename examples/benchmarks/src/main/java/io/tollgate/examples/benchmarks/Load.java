package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A load under the keys of all tenants, drawn at random: a closed loop of 64 keep-alive connections
 * by wrk, or a paced one.
 *
 * @param wrk where wrk is installed
 * @param script the Lua script that draws the keys and prints the result
 * @param tenants whose keys are drawn
 * @param processor where the load runs, beside the upstream
 */
record Load(Path wrk, Path script, int tenants, int processor) {
  private static final int CONNECTIONS = 64;

  /** What one round did: requests, failures, and latencies in microseconds. */
  record Result(long requests, long errors, long p50, long p99) {}

  static Load prepare(Path wrk, Path directory, int tenants, int processor) throws IOException {
    String lua =
        """
        local requests = {}
        init = function()
          for tenant = 0, %1$d - 1 do
            local key = "tg_benchmark_" .. tenant
            requests[tenant] = wrk.format("GET", "/causes", {["Host"] = wrk.host, ["X-Api-Key"] = key})
          end
        end
        request = function()
          return requests[math.random(0, %1$d - 1)]
        end
        done = function(summary, latency, requests)
          local errors = summary.errors.status + summary.errors.connect + summary.errors.read
            + summary.errors.write + summary.errors.timeout
          io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, errors,
            latency:percentile(50), latency:percentile(99)))
        end
        """
            .formatted(tenants);
    Path script = directory.resolve("load.lua");
    Files.writeString(script, lua);
    return new Load(wrk, script, tenants, processor);
  }

  /** Sends requests for so many seconds, as fast as they are answered. */
  Result run(int port, int seconds) throws IOException, InterruptedException {
    return result(
        "wrk",
        List.of(
            wrk.toString(),
            "-t1",
            "-c" + CONNECTIONS,
            "-d" + seconds + "s",
            "-s",
            script.toString(),
            "http://127.0.0.1:" + port));
  }

  /** Sends so many requests a second, each at its own time. */
  Result paced(int port, int seconds, int perSecond) throws IOException, InterruptedException {
    return result(
        "the paced load",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            PacedLoad.class.getName(),
            Integer.toString(port),
            Integer.toString(perSecond),
            Integer.toString(seconds),
            Integer.toString(tenants)));
  }

  private Result result(String name, List<String> load) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    Programs.find("taskset")
        .filter(tool -> Runtime.getRuntime().availableProcessors() > 1)
        .ifPresent(
            tool -> command.addAll(List.of(tool.toString(), "-c", Integer.toString(processor))));
    command.addAll(load);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    output.lines().filter(line -> line.startsWith("ERRORS ")).forEach(System.out::println);
    return output
        .lines()
        .filter(line -> line.startsWith("RESULT "))
        .map(line -> line.split(" ", -1))
        .map(f -> new Result(number(f[1]), number(f[2]), number(f[3]), number(f[4])))
        .findFirst()
        .orElseThrow(() -> new IOException(name + " gave no result:\n" + output));
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }
}
