package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BriefJvmTest {
  @TempDir Path folder;

  /** Ends with the number it is given where its JVM is set up so, with 99 elsewhere. */
  static final class Asked {
    private Asked() {}

    public static void main(String[] args) {
      boolean brief =
          ManagementFactory.getRuntimeMXBean()
              .getInputArguments()
              .contains("-XX:TieredStopAtLevel=1");
      System.exit(
          brief && Boolean.getBoolean("tollgate.jvm.brief") ? Integer.parseInt(args[0]) : 99);
    }
  }

  @Test
  void run_aJar_endsWithTheStatusOfItsProgram() throws IOException {
    Path jar = jar();
    assertThat(BriefJvm.run(jar, "0")).hasValue(0);
    assertThat(BriefJvm.run(jar, "7")).hasValue(7);
  }

  @Test
  void run_looseClasses_isLeftToThisJvm() {
    assertThat(BriefJvm.run(folder, "0")).isEmpty();
    assertThat(BriefJvm.isThis()).isFalse();
  }

  private Path jar() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Asked.class.getName());
    String entry = Asked.class.getName().replace('.', '/') + ".class";
    Path jar = folder.resolve("asked.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream in = Objects.requireNonNull(Asked.class.getResourceAsStream("/" + entry))) {
      out.putNextEntry(new ZipEntry(entry));
      in.transferTo(out);
    }
    return jar;
  }
}
