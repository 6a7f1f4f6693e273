package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.web.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as people call it: the project's own scenarios, a failing one, a wrong one. */
class ScenarioCommandTest {
  private static final Path CATALOGS = Path.of("../../examples/catalogs");

  private record Answer(int status, String out, String err) {}

  @Test
  void scenario_ofTheExamplesPasses() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("scenario", "--json"));
    try (Stream<Path> files = Files.walk(CATALOGS.resolve("scenarios"))) {
      files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .forEach(file -> arguments.add(file.toString()));
    }
    Answer answer = run(arguments);
    assertThat(answer.status()).as(answer.out() + answer.err()).isZero();
    JsonNode results = Wire.tree(json(answer));
    assertThat(results.size()).isEqualTo(arguments.size() - 2).isGreaterThan(20);
    for (JsonNode result : results) {
      assertThat(result.path("passed").asBoolean()).isTrue();
      assertThat(result.path("tenants").isEmpty()).isFalse();
    }
  }

  /** In another order, other things stand beside them. */
  @Test
  void scenario_saysTheSameEachTime() {
    List<String> files =
        Stream.of("closing-invoices", "reconciled-with-wallets", "moving-in-and-out", "unpaid")
            .map(name -> CATALOGS.resolve("scenarios/" + name + ".yaml").toString())
            .toList();
    List<String> forth = new ArrayList<>(List.of("scenario", "--json"));
    forth.addAll(files);
    List<String> back = new ArrayList<>(List.of("scenario", "--json"));
    back.addAll(files.reversed());
    JsonNode once = Wire.tree(json(run(forth)));
    JsonNode again = Wire.tree(json(run(back)));
    for (int i = 0; i < files.size(); i++) {
      assertThat(again.path(files.size() - 1 - i).toPrettyString())
          .isEqualTo(once.path(i).toPrettyString());
    }
    assertThat(once.toString()).contains("\"invoice\":\"inv_1\"", "\"subscription\":\"sub_1\"");
  }

  private static String json(Answer answer) {
    return answer.out().substring(answer.out().indexOf("[{"));
  }

  @Test
  void scenario_thatFailsNamesTheLineAndExitsWith1(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(
        file,
        """
        scenario: wrong
        catalog: %s
        tenants:
          a: {currency: INR, country: IN, region: MH}
        timeline:
          - {at: 2026-01-01, subscribe: starter, expect: {last: {total: "998.00"}}}
          - {at: 2026-01-02, subscribe: premium}
        expect:
          a: {invoices: 1, last-credit-note: {total: 1}}
        """
            .formatted(CATALOGS.resolve("gaudaan.yaml").toAbsolutePath()));
    Answer answer = run(List.of("scenario", file.toString()));
    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.out())
        .contains("FAILED  " + file + ": wrong")
        .contains("wrong.yaml:6", "expected 998.00, but it is 999.00")
        .contains("wrong.yaml:7", "refused with 409")
        .contains("wrong.yaml:9", "there is no such value");
  }

  @Test
  void scenario_thatCannotBeReadNamesTheKeyAndExitsWith2(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("unreadable.yaml");
    Files.writeString(
        file,
        """
        scenario: x
        catalog: missing.yaml
        tenants: {a: {currency: INR}}
        timeline:
          - {at: tomorrow, subscribe: starter}
        """);
    Answer answer = run(List.of("scenario", file.toString()));
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.err()).contains("unreadable.yaml:5", "at", "2026-01-31T10:00");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          subscribe: a            | subscibe: a              | timeline[0].subscibe: unknown key; did you mean 'subscribe'?
          {invoices: 1}           | {invoises: 1}            | invoises: unknown key; did you mean 'invoices'?
          {invoices: 1}           | {last: {totl: 1}}        | expect.last.totl: unknown key; did you mean 'total'?
          {invoices: 1}           | {last: {lines: [{amont: 1}]}} | lines[0].amont: unknown key; did you mean 'amount'?
          {invoices: 1}           | {last: {total: {net: 1}}} | nothing is below this value
          {invoices: 1}           | {invoices: {first: 1}}   | a position from 0, or size, is expected
          {invoices: 1}           | {due: [1]}               | expect.due: this is no list
          subscribe: a            | change: {plan: a, when: tomorrow} | now or period-end is expected, not 'tomorrow'
          subscribe: a            | pay: lots                | an amount, or all, is expected, not 'lots'
          subscribe: a            | pay: {{amount: 1}: 2}    | timeline[0].pay: a key must be a plain word
          subscribe: a            | subscribe: {plan: a, starts: 1899-01-01} | the years 1970 to 9999 are expected
          2026-05-01,             | 0000-01-01,              | at: the years 1970 to 9999 are expected
          subscribe: a            | subscribe: {plan: a, starts: 1971-01-01} | starts: 1971-01-01T00:00:00Z is more than 50 years from the step
          """)
  void scenario_withAMisspeltKeyNamesItAndExitsWith2(
      String right, String wrong, String message, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("misspelt.yaml");
    Files.writeString(
        file,
        """
        scenario: misspelt
        catalog: {catalog: misspelt, plans: {a: {prices: {EUR: {monthly: 30}}}}}
        tenants: {t: {currency: EUR}}
        timeline:
          - {at: 2026-05-01, subscribe: a, expect: {invoices: 1}}
        """
            .replace(right, wrong));
    Answer answer = run(List.of("scenario", file.toString()));
    assertThat(answer.status()).as(answer.out()).isEqualTo(2);
    assertThat(answer.err()).contains("misspelt.yaml:5: ", message);
  }

  @Test
  void scenario_withAStepFarFromTheOthersSaysSo(@TempDir Path folder) throws IOException {
    String text =
        """
        scenario: far
        catalog: {catalog: far, policies: {dunning: {steps: []}}, plans: {a: {prices: {EUR: {yearly: 30}}}}}
        tenants: {t: {currency: EUR}}
        timeline:
          - {at: %s, subscribe: a}
          - {at: 2026-01-15, expect: {invoices: %s}}
        """;
    Path near = Files.writeString(folder.resolve("near.yaml"), text.formatted("1999-01-15", 28));
    assertThat(run(List.of("scenario", near.toString())).status()).isZero();
    Path far = Files.writeString(folder.resolve("far.yaml"), text.formatted("1974-01-15", 53));
    Answer answer = run(List.of("scenario", far.toString()));
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.err())
        .contains("far.yaml:6: timeline[1]: 2026-01-15T00:00:00Z is more than 50 years from the")
        .contains("1974-01-15T00:00:00Z");
  }

  @Test
  void scenario_withAStepBeforeTheOneAboveNamesBothInstants(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("zones.yaml");
    Files.writeString(
        file,
        """
        scenario: one date in two zones
        catalog: {catalog: zones, plans: {a: {prices: {EUR: {monthly: 30}}}}}
        tenants: {ny: {currency: EUR, zone: America/New_York}, tokyo: {currency: EUR, zone: Asia/Tokyo}}
        timeline:
          - {at: 2026-01-01, tenant: ny, subscribe: a}
          - {at: 2026-01-01, tenant: tokyo, subscribe: a}
        """);
    Answer answer = run(List.of("scenario", file.toString()));
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.err())
        .contains("zones.yaml:6: timeline[1]: is at 2025-12-31T15:00:00Z")
        .contains("the step above it, at 2026-01-01T05:00:00Z");
  }

  /** Another scenario's meters are none of this one's. */
  @Test
  void scenario_withAnUnknownMeterNamesThoseThereAre(@TempDir Path folder) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("scenario"));
    for (String meter : List.of("calls", "units")) {
      String text =
          """
          scenario: %1$s
          catalog: {catalog: x, meters: {%1$s: {}}, plans: {a: {prices: {EUR: {monthly: 30}}}}}
          tenants: {t: {currency: EUR}}
          timeline:
            - {at: 2026-05-01, subscribe: a}
            - {at: 2026-05-02, usage: {calls: 1}}
          """
              .formatted(meter);
      arguments.add(Files.writeString(folder.resolve(meter + ".yaml"), text).toString());
    }
    Answer answer = run(arguments);
    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.out())
        .containsOnlyOnce("FAILED")
        .contains("units.yaml:6", "no meter or feature 'calls'", "it has the meters units");
  }

  @Test
  void scenario_ofAnotherSystemsCatalogSaysWhatWasNotCarriedOver(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("lago.yaml");
    Files.writeString(
        folder.resolve("lago.json"),
        """
        {"plans": [{"code": "startup", "name": "Startup", "interval": "monthly", "amount_cents": 10000,
          "amount_currency": "USD", "pay_in_advance": true, "taxes": [{"code": "vat", "rate": 20.0}]}]}
        """);
    Files.writeString(
        file,
        """
        scenario: lago
        catalog: {from: lago, file: lago.json, name: lago}
        tenants: {t: {currency: USD}}
        timeline:
          - {at: 2026-05-01, subscribe: startup, expect: {last: {total: 100}}}
        """);
    Answer text = run(List.of("scenario", file.toString()));
    assertThat(text.status()).as(text.out() + text.err()).isZero();
    assertThat(text.err()).contains("lago.yaml:2: catalog.file: plan startup: ", "tax");
    Answer json = run(List.of("scenario", "--json", file.toString()));
    JsonNode result = Wire.tree(json(json)).path(0);
    assertThat(result.at("/notes/0").asText()).contains("plan startup: ", "tax");
    assertThat(json.err()).doesNotContain("plan startup").contains("passed  " + file + ": lago");
  }

  @Test
  void scenario_withACatalogMistakeNamesTheLineAndTheOthersRun(@TempDir Path folder)
      throws IOException {
    Path right = folder.resolve("right.yaml");
    Path wrong = folder.resolve("wrong.yaml");
    String scenario =
        """
        scenario: %s
        catalog:
          catalog: %s
          plans: {a: {prices: {EUR: {monthly: 30}}}}
        tenants: {t: {currency: EUR}}
        timeline:
          - {at: 2026-05-01, subscribe: a, expect: {invoices: 1}}
        """;
    Files.writeString(right, scenario.formatted("right", "right"));
    Files.writeString(wrong, scenario.formatted("wrong", "WRONG"));
    Answer answer =
        run(
            List.of(
                "scenario",
                folder.resolve("none.yaml").toString(),
                wrong.toString(),
                right.toString()));
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.out()).contains("passed  " + right + ": right").doesNotContain("FAILED");
    assertThat(answer.err())
        .contains("wrong.yaml:")
        .contains("none.yaml")
        .doesNotContain("Exception");
  }

  private static Answer run(List<String> arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int status = ControlPlaneMain.run(arguments.toArray(String[]::new));
      return new Answer(
          status,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
