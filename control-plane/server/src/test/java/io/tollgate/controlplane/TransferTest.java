package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.web.TestApi.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables out and in again, over HTTP. */
class TransferTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  private static WholeHouse house;

  @BeforeAll
  static void live() {
    house = new WholeHouse(DB);
    house.applyExample("gaudaan");
  }

  @AfterAll
  static void stop() {
    house.close();
  }

  private static Answer bring(String table, String type, String body) {
    return house
        .api
        .as("operator")
        .post("/api/billing/imports/" + table, body, "Content-Type", type);
  }

  private static long count(String table) {
    return DB.db()
        .inTransaction(tx -> tx.one("SELECT count(*) AS n FROM " + table, r -> r.whole("n")));
  }

  @Test
  void tenants_outAndInAgain_areTheSame() {
    Answer in =
        bring(
            "tenants",
            "text/csv",
            "\uFEFFid,name,zone,currency,billing.name,billing.address,billing.country,"
                + "billing.region,billing.language,billing.reverseCharge\r\n"
                + "csv-1,\"Comma, \"\"quoted\"\"\",Asia/Kolkata,INR,Legal,\"Street 1\nCity\",IN,MH,"
                + "en-IN,false\r\n"
                + "csv-2,'=SUM(A1:A9),UTC,EUR,,,,,de-DE,true\r\n");
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    assertThat(in.json().path("imported").asInt()).isEqualTo(2);
    JsonNode one = house.get("/api/billing/tenants/csv-1");
    assertThat(one.path("name").asText()).isEqualTo("Comma, \"quoted\"");
    assertThat(one.path("billing").path("address").get(1).asText()).isEqualTo("City");
    assertThat(house.get("/api/billing/tenants/csv-2").path("name").asText())
        .isEqualTo("=SUM(A1:A9)");

    String csv = house.api.as("viewer").get("/api/billing/exports/tenants?tenant=csv-1").text();
    assertThat(csv)
        .startsWith("id,name,zone,currency,")
        .contains("csv-1,\"Comma, \"\"quoted\"\"\",Asia/Kolkata,INR,")
        .contains("\"Street 1\nCity\"")
        .endsWith("\r\n");
    String formula = house.api.as("viewer").get("/api/billing/exports/tenants?tenant=csv-2").text();
    assertThat(formula).as("a spreadsheet must not run it").contains(",'=SUM(A1:A9),");

    String again =
        csv.replace("csv-1", "csv-3")
            + formula.lines().toList().get(1).replace("csv-2", "csv-4")
            + "\r\n";
    assertThat(bring("tenants", "text/csv", again).status()).isEqualTo(200);
    assertThat(house.get("/api/billing/tenants/csv-3").path("billing"))
        .isEqualTo(one.path("billing"));
    assertThat(house.get("/api/billing/tenants/csv-4").path("name").asText())
        .isEqualTo("=SUM(A1:A9)");

    String json =
        house.api.as("viewer").get("/api/billing/exports/tenants?format=json&tenant=csv-1").text();
    assertThat(
            bring(
                    "tenants",
                    "application/json",
                    json.replace("csv-1", "csv-5").replaceAll(",\"createdAt\":\"[^\"]*\"", ""))
                .status())
        .isEqualTo(200);
    assertThat(house.get("/api/billing/tenants/csv-5").path("billing"))
        .isEqualTo(one.path("billing"));
  }

  @Test
  void import_withMistakes_namesTheirLinesAndLeavesNothing() {
    long tenants = count("tenants");
    long audit = count("audit_trail");
    long outbox = count("outbox");
    Answer refused =
        bring(
            "tenants",
            "text/csv",
            """
            id,name,currency
            bad-1,Good,INR
            bad-2,"Two
            lines",INR
            bad-3,No currency,
            bad-1,Twice,INR
            bad-4,Unknown,XXQ
            """);
    assertThat(refused.status()).isEqualTo(422);
    JsonNode errors = refused.json().path("errors");
    assertThat(errors).as(refused.text()).hasSize(3);
    assertThat(errors.findValuesAsText("line")).containsExactly("5", "6", "7");
    assertThat(errors.get(0).path("field").asText()).isEqualTo("currency");
    assertThat(errors.get(1).path("detail").asText()).contains("bad-1");
    assertThat(List.of(count("tenants"), count("audit_trail"), count("outbox")))
        .isEqualTo(List.of(tenants, audit, outbox));
  }

  @Test
  void import_thatCannotBeRead_namesTheLine() {
    for (String csv :
        List.of(
            "id,name,currency\nx-1,\"open,INR\n",
            "id,name,currency\nx-1,a\"b,INR\n",
            "id,name,currency\nx-1,\"a\"b,INR\n",
            "id,name,currency\nx-1,INR\n")) {
      Answer refused = bring("tenants", "text/csv", csv);
      assertThat(refused.status()).as(csv).isEqualTo(422);
      assertThat(refused.json().path("errors").get(0).path("line").asInt()).as(csv).isEqualTo(2);
    }
    assertThat(
            bring("tenants", "text/csv", "id,nmae\n")
                .json()
                .path("errors")
                .get(0)
                .path("field")
                .asText())
        .isEqualTo("nmae");
    assertThat(bring("tenants", "application/json", "{\"id\": 1").status()).isEqualTo(400);
    assertThat(bring("invoice-lines", "text/csv", "invoice\n").status()).isEqualTo(404);
  }

  @Test
  void dryRun_saysWhatWouldBeAndLeavesNothing() {
    long tenants = count("tenants");
    Answer dry =
        house
            .api
            .as("operator")
            .post(
                "/api/billing/imports/tenants?dryRun=true",
                "id,name,currency\ndry-1,Dry,INR\n",
                "Content-Type",
                "text/csv");
    assertThat(dry.status()).as(dry.text()).isEqualTo(200);
    assertThat(dry.json().path("rows").asInt()).isEqualTo(1);
    assertThat(dry.json().path("imported").asInt()).isZero();
    assertThat(count("tenants")).isEqualTo(tenants);
  }

  @Test
  void subscriptionsUsageAndInvoices_goOutAndIn() {
    house.tenant("move", house.clock("2026-01-31T00:00:00Z"));
    Answer in =
        bring(
            "subscriptions",
            "text/csv",
            """
            tenant,catalog,plan,cycle,addOns\r
            move,gaudaan,standard,monthly,extra-admin-seats:3\r
            """);
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    Answer used =
        bring(
            "usage",
            "text/csv",
            "tenant,meter,delta,id\r\nmove,calls,5,e1\r\nmove,calls,7,e2\r\nmove,calls,5,e1\r\n");
    assertThat(used.status()).as(used.text()).isEqualTo(200);
    assertThat(
            bring("usage", "text/csv", "tenant,meter,delta\r\nmove,calls,1\r\nnobody,calls,1\r\n")
                .json()
                .path("errors")
                .findValuesAsText("line"))
        .containsExactly("3");

    String subscriptions =
        house.api.as("viewer").get("/api/billing/exports/subscriptions?tenant=move").text();
    assertThat(subscriptions).contains(",move,gaudaan,standard,1,INR,monthly,");
    assertThat(subscriptions).contains("extra-admin-seats:3").contains(",active,");
    String usage = house.api.as("viewer").get("/api/billing/exports/usage?tenant=move").text();
    assertThat(usage).as("each unit once").contains("move,calls,12,");
    String invoices = house.api.asTenant("move").get("/api/billing/exports/invoices").text();
    assertThat(invoices.lines().count()).isEqualTo(2);
    assertThat(invoices).contains(",move,INVOICE,OPEN,2026-01-31,");
    String lines =
        house.api.asTenant("move").get("/api/billing/exports/invoice-lines?format=json").text();
    assertThat(lines).contains("\"kind\":\"BASE_FEE\"", "\"quantity\":\"3\"");
    assertThat(
            house
                .api
                .asTenant("csv-none")
                .get("/api/billing/exports/invoices")
                .text()
                .lines()
                .count())
        .as("another tenant's export has the header alone")
        .isEqualTo(1);
  }

  @Test
  void subscriptions_thatEndedOrStandStill_areNotBilledAnew() {
    house.tenant("over", house.clock("2026-01-31T00:00:00Z"));
    long subscriptions = count("subscriptions");
    for (String ended : List.of("cancelled", "expired", "terminated")) {
      Answer csv =
          bring(
              "subscriptions",
              "text/csv",
              "tenant,catalog,plan,state\r\nover,gaudaan,standard," + ended + "\r\n");
      assertThat(csv.status()).as(csv.text()).isEqualTo(200);
      assertThat(csv.json().path("imported").asInt()).isZero();
      Answer json =
          bring(
              "subscriptions",
              "application/json",
              "[{\"tenant\":\"over\",\"catalog\":\"gaudaan\",\"plan\":\"standard\",\"state\":\""
                  + ended
                  + "\"}]");
      assertThat(json.json().path("imported").asInt()).as(json.text()).isZero();
    }
    Answer paused =
        bring(
            "subscriptions",
            "text/csv",
            "tenant,catalog,plan,state\r\nover,gaudaan,standard,paused\r\n");
    assertThat(paused.status()).isEqualTo(422);
    assertThat(paused.json().path("errors").get(0).path("field").asText()).isEqualTo("state");
    assertThat(count("subscriptions")).isEqualTo(subscriptions);
  }

  @Test
  void export_ofMoreThanAPage_isWholeAndInOrder() {
    StringBuilder csv = new StringBuilder("id,name,currency\n");
    for (int i = 0; i < 1100; i++) {
      csv.append("page-%04d,P,INR%n".formatted(i));
    }
    Answer in = bring("tenants", "text/csv", csv.toString());
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    List<String> ids =
        house
            .api
            .as("viewer")
            .get("/api/billing/exports/tenants")
            .text()
            .lines()
            .filter(line -> line.startsWith("page-"))
            .map(line -> line.substring(0, 9))
            .toList();
    assertThat(ids).hasSize(1100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void invoices_ofAnotherSystem_keepTheirNumbersAndAreNotBilledAgain() {
    String clock = house.clock("2026-03-31T00:00:00Z");
    house.tenant("past", clock);
    Answer in =
        bring(
            "invoices",
            "text/csv",
            """
            number,tenant,status,issuedOn,dueOn,subtotal,tax,total,paid\r
            OLD-7,past,PAID,2025-01-31,2025-02-06,1000.00,180.00,1180.00,1180.00\r
            OLD-9,past,OPEN,2025-02-28,2025-03-06,500.00,90.00,590.00,90.00\r
            """);
    assertThat(in.status()).as(in.text()).isEqualTo(200);
    Answer note =
        bring(
            "invoices",
            "application/json",
            """
            [{"tenant": "past", "kind": "CREDIT_NOTE", "number": "OLD-CN-1", "corrects": "OLD-7",
              "issuedOn": "2025-03-01", "subtotal": "-50.00", "tax": "-9.00",
              "lines": [{"description": "Goodwill", "amount": "-20.00", "tax": "-3.60"},
                        {"description": "Outage", "amount": "-30.00", "tax": "-5.40"}]}]
            """);
    assertThat(note.status()).as(note.text()).isEqualTo(200);

    // What happens afterwards begins its own series and is not held up by what is unpaid from
    // before.
    house.subscribe("{\"tenant\": \"past\", \"catalog\": \"gaudaan\", \"plan\": \"standard\"}");
    JsonNode all = house.get("/api/billing/invoices?tenant=past").path("items");
    assertThat(all.findValuesAsText("number")).hasSize(4).contains("OLD-7", "OLD-9", "OLD-CN-1");
    house.advance(clock, "2026-04-03T00:00:00Z");
    assertThat(house.get("/api/billing/tenants/past/standing").path("state").asText())
        .isEqualTo("ACTIVE");

    String open = number(all, "OLD-9").path("id").asText();
    JsonNode paid = house.post("/api/billing/invoices/" + open + "/payments", "{}");
    assertThat(paid.path("amount").path("amount").asText()).as(paid.toString()).isEqualTo("500.00");
    assertThat(house.get("/api/billing/invoices/" + open).path("status").asText())
        .isEqualTo("PAID");
    assertThat(house.api.as("viewer").get("/api/billing/invoices/" + open + ".pdf").status())
        .isEqualTo(200);

    String csv = house.api.as("viewer").get("/api/billing/exports/invoices?tenant=past").text();
    assertThat(csv).contains("OLD-CN-1,past,CREDIT_NOTE,PAID,2025-03-01").contains(",OLD-7\r\n");
    house.tenant("future", house.clock("2026-04-03T00:00:00Z"));
    String moved = csv.replace(",past,", ",future,").replace("OLD-", "NEW-");
    Answer again = bring("invoices", "text/csv", moved);
    assertThat(again.status()).as(again.text()).isEqualTo(200);
    assertThat(
            house
                .api
                .as("viewer")
                .get("/api/billing/exports/invoices?tenant=future")
                .text()
                .replaceAll("inv_[a-z0-9]+", ""))
        .isEqualTo(moved.replaceAll("inv_[a-z0-9]+", ""));
  }

  @Test
  void invoices_thatCannotBe_areRefusedWithTheirField() {
    house.tenant("wrong", house.clock("2026-03-31T00:00:00Z"));
    assertRefused("total", "W-1,wrong,PAID,2025-01-31,10.00,1.80,11.81,,");
    assertRefused("paid", "W-1,wrong,PAID,2025-01-31,10.00,1.80,11.80,5.00,");
    assertRefused("paid", "W-1,wrong,OPEN,2025-01-31,10.00,1.80,11.80,11.80,");
    assertRefused("status", "W-1,wrong,DRAFT,2025-01-31,10.00,1.80,11.80,,");
    assertRefused("issuedOn", "W-1,wrong,PAID,2026-04-02,10.00,1.80,11.80,,");
    assertRefused("subtotal", "W-1,wrong,PAID,2025-01-31,10.001,1.80,11.801,,");
    assertRefused("tenant", "W-1,nobody,PAID,2025-01-31,10.00,1.80,11.80,,");
    assertRefused("corrects", "W-1,wrong,PAID,2025-01-31,10.00,1.80,11.80,,W-0");
    assertRefused(
        "number",
        "W-1,wrong,PAID,2025-01-31,10.00,1.80,11.80,,\r\nW-1,wrong,PAID,2025-01-31,1.00,,1.00,,");
    assertThat(house.get("/api/billing/invoices?tenant=wrong").path("items")).isEmpty();
  }

  @Test
  void importInvoices_aNoteBeyondItsInvoice_isRefusedWithItsRow() {
    for (String tenant : List.of("noted", "other")) {
      house.tenant(tenant, house.clock("2026-04-01T00:00:00Z"));
    }
    String invoice = document("N-1", "OPEN", "100.00", "");
    String gone = document("N-2", "VOID", "100.00", "");
    Answer brought = bring("invoices", "application/json", "[" + invoice + "," + gone + "]");
    assertThat(brought.status()).isEqualTo(200);
    String note = "\"kind\": \"CREDIT_NOTE\", \"corrects\": \"N-1\"";
    String first = document("C-1", "PAID", "-60.00", note);
    assertRefusedInRow2(
        "currency", first, document("C-2", "PAID", "-1.00", note + ", \"currency\": \"USD\""));
    assertRefusedInRow2("subtotal", first, document("C-2", "PAID", "-40.01", note));
    assertRefusedInRow2(
        "total", first, document("C-2", "PAID", "-40.01", note + ", \"total\": \"-40.01\""));
    assertRefusedInRow2(
        "corrects", first, document("C-2", "PAID", "-1.00", note.replace("N-1", "N-2")));
    String others = document("C-2", "PAID", "-1.00", note).replace("\"noted\"", "\"other\"");
    assertRefusedInRow2("corrects", first, others);
    String rest = document("C-2", "PAID", "-40.00", note);
    assertThat(bring("invoices", "application/json", "[" + first + "," + rest + "]").status())
        .isEqualTo(200);
  }

  private static String document(String number, String status, String subtotal, String more) {
    return "{\"tenant\": \"noted\", \"issuedOn\": \"2025-03-01\", \"number\": \"%s\", \"status\": \"%s\", \"subtotal\": \"%s\"%s}"
        .formatted(number, status, subtotal, more.isEmpty() ? "" : ", " + more);
  }

  private static void assertRefusedInRow2(String field, String first, String second) {
    Answer refused = bring("invoices", "application/json", "[" + first + "," + second + "]");
    assertThat(refused.status()).as(refused.text()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/field").asText()).as(refused.text()).isEqualTo(field);
    assertThat(refused.json().at("/errors/0/line").asInt()).isEqualTo(2);
  }

  private static void assertRefused(String field, String rows) {
    Answer refused =
        bring(
            "invoices",
            "text/csv",
            "number,tenant,status,issuedOn,subtotal,tax,total,paid,corrects\r\n" + rows + "\r\n");
    assertThat(refused.status()).as(rows + " " + refused.text()).isEqualTo(422);
    assertThat(refused.json().path("errors").get(0).path("field").asText())
        .as(refused.text())
        .isEqualTo(field);
  }

  private static JsonNode number(JsonNode invoices, String number) {
    for (JsonNode invoice : invoices) {
      if (invoice.path("number").asText().equals(number)) {
        return invoice;
      }
    }
    throw new AssertionError("no " + number);
  }
}
