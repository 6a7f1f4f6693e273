package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.config.PemFiles;
import io.tollgate.proxy.forward.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside what {@link MistakesTest} shows: what is taken, and what is only warned of. */
class PemFilesTest {
  @TempDir Path directory;

  @Test
  void certificateOutOfDate_isTaken_andWarnedOfByName() throws Exception {
    TestCertificates made = new TestCertificates(directory).leaf("fresh").expired("stale");
    try (Logged logged = new Logged(PemFiles.class)) {
      PemFiles.checkCertificates(made.certificate("fresh"));
      assertThat(logged.lines()).isEmpty();
      PemFiles.checkCertificates(made.certificate("stale"));
      PemFiles.checkKey(made.key("stale"), made.certificate("stale"));
      assertThat(logged.lines())
          .singleElement()
          .asString()
          .startsWith("WARN the certificate of CN=stale in " + made.certificate("stale"))
          .contains("is out of date: it holds from ");
    }
  }

  @Test
  void keyAndChainInOneFile_areTaken_inThatOrderOrTheOther() throws Exception {
    TestCertificates made = new TestCertificates(directory).leaf("one").leaf("other");
    String chain = Files.readString(made.certificate("one")) + Files.readString(made.authority());
    String key = Files.readString(made.key("one"));
    for (String text : new String[] {key + chain, chain + key}) {
      Path both = Files.writeString(directory.resolve("both.pem"), text);
      PemFiles.checkCertificates(both);
      PemFiles.checkKey(both, both);
      assertThatThrownBy(() -> PemFiles.checkKey(made.key("other"), both))
          .hasMessageContaining(
              made.key("other") + " is not the key of the certificate in " + both);
    }
  }
}
