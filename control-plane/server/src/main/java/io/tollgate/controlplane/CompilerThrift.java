package io.tollgate.controlplane;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the JVM's second compiler quiet: a program that runs for seconds ends before the second
 * compiler has earned back what it took. The first still counts for it, which {@link BriefJvm}
 * spares.
 *
 * <p>A jar cannot carry options of the JVM; compiler directives ({@code jcmd
 * Compiler.directives_add}, JEP 165) can be given to one that runs.
 */
final class CompilerThrift {
  private static final Logger LOG = LoggerFactory.getLogger(CompilerThrift.class);
  private static final String NONE_BY_C2 = "[{match: [\"*.*\"], c2: {Exclude: true}}]";

  private CompilerThrift() {}

  /** From now on; a JVM that knows no such directives goes on as it is. */
  static void begin() {
    try {
      Path directives = Files.createTempFile("tollgate-compiler", ".json");
      try {
        Files.writeString(directives, NONE_BY_C2);
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesAdd",
                new Object[] {new String[] {directives.toString()}},
                new String[] {String[].class.getName()});
      } finally {
        Files.delete(directives);
      }
    } catch (IOException | JMException | RuntimeException e) {
      LOG.debug("the second compiler works as ever: {}", e.toString());
    }
  }
}
