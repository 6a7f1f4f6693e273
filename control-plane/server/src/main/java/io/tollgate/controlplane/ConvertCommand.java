package io.tollgate.controlplane;

import io.tollgate.controlplane.transfer.Converted;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads another system's catalog and prints Tollgate's. */
@Command(
    name = "convert",
    description = {
      "Prints another system's catalog as a Tollgate catalog file.",
      "What could not be carried over goes to standard error. Exit status 1 where the result cannot be applied as it is."
    },
    mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "SYSTEM",
      description = "kill-bill (catalog XML) or lago (JSON of GET /api/v1/plans).")
  private String from = "";

  @Option(names = "--name", paramLabel = "NAME", description = "What to call the catalog.")
  private String name = "";

  @Parameters(paramLabel = "FILE", description = "The catalog to convert.")
  private @Nullable Path file;

  @Override
  public Integer call() throws IOException {
    var command = Objects.requireNonNull(spec).commandLine();
    Converted converted;
    try {
      Converted.From system =
          Converted.From.valueOf(from.toUpperCase(Locale.ROOT).replace('-', '_'));
      converted = Converted.of(system, name, Files.readString(Objects.requireNonNull(file)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, file + ": " + e.getMessage(), e);
    }
    PrintWriter out = command.getOut();
    out.print(converted.catalog());
    out.flush();
    PrintWriter err = command.getErr();
    converted.notes().forEach(note -> err.println(note.where() + ": " + note.what()));
    err.flush();
    return converted.applicable() ? 0 : 1;
  }
}
