package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A closed loop of 64 keep-alive connections by wrk, each request under another tenant's key.
 *
 * @param wrk where wrk is installed
 * @param script the Lua script that draws the keys and prints the result
 * @param processor where wrk runs, beside the upstream
 */
record Load(Path wrk, Path script, int processor) {
  private static final int CONNECTIONS = 64;

  /** What one round did: requests, failures, and latencies in microseconds. */
  record Result(long requests, long errors, long p50, long p99) {}

  static Load prepare(Path wrk, Path directory, int tenants, int processor) throws IOException {
    String lua =
        """
        local n = 0
        request = function()
          n = (n * 1103515245 + 12345) %% 2147483648
          return wrk.format("GET", "/causes", {["X-Api-Key"] = "tg_benchmark_" .. (n %% %d)})
        end
        local pause = tonumber(os.getenv("PAUSE_MILLIS") or "0")
        if pause > 0 then
          delay = function() return pause end
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
    return new Load(wrk, script, processor);
  }

  /** Sends requests for so many seconds, as fast as they are answered. */
  Result run(int port, int seconds) throws IOException, InterruptedException {
    return run(port, seconds, 0);
  }

  /** The pause before each request of a connection that makes so many requests a second in all. */
  static int pauseMillis(long requestsPerSecond) {
    return (int) Math.max(1, CONNECTIONS * 1000L / Math.max(1, requestsPerSecond));
  }

  /** Sends requests for so many seconds, each connection with a pause before each. */
  Result run(int port, int seconds, int pauseMillis) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    Programs.find("taskset")
        .filter(tool -> Runtime.getRuntime().availableProcessors() > 1)
        .ifPresent(
            tool -> command.addAll(List.of(tool.toString(), "-c", Integer.toString(processor))));
    command.addAll(
        List.of(
            wrk.toString(),
            "-t1",
            "-c" + CONNECTIONS,
            "-d" + seconds + "s",
            "-s",
            script.toString()));
    command.add("http://127.0.0.1:" + port);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PAUSE_MILLIS", Integer.toString(pauseMillis));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output
        .lines()
        .filter(line -> line.startsWith("RESULT "))
        .map(line -> line.split(" ", -1))
        .map(f -> new Result(number(f[1]), number(f[2]), number(f[3]), number(f[4])))
        .findFirst()
        .orElseThrow(() -> new IOException("wrk gave no result:\n" + output));
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }
}
