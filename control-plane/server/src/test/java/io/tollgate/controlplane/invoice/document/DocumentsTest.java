package io.tollgate.controlplane.invoice.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Party;
import io.tollgate.controlplane.invoice.SampleInvoice;
import io.tollgate.controlplane.web.Problem;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentsTest {
  private static final Locale INDIA = Locale.forLanguageTag("en-IN");
  private static final byte[] DOT =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
                  + "RU5ErkJggg==");

  private final Documents documents = new Documents(null);

  @Test
  void pdf_showsWhatDocument002Shows() throws IOException {
    String text = text(documents.pdf(SampleInvoice.of(InvoiceStatus.PAID, INDIA)));
    assertThat(text)
        .contains("INVOICE", "INV-2025-0248", "Billed To", "Dharma Gau Raksha")
        .contains("GSTIN: 27ABCDE1234F1Z5", "PAN: AAACG1234X", "SAC: 998314", "PAID")
        .contains("Enterprise Plan – Monthly <unlimited & more>", "₹8,473.73")
        .contains("CGST @ 9%", "₹762.64", "SGST @ 9%", "₹762.63", "₹9,999.00")
        .contains("Rupees Nine Thousand Nine Hundred Ninety-Nine Only");
  }

  @Test
  void pdf_hasAGlyphForEveryCharacterAndInkOnThePage() throws IOException {
    byte[] pdf = documents.pdf(SampleInvoice.of(InvoiceStatus.PAID, Locale.GERMANY));
    try (PDDocument document = Loader.loadPDF(pdf)) {
      GlyphCheck check = new GlyphCheck();
      check.getText(document);
      assertThat(check.missing).isEmpty();
      assertThat(check.fontsNotEmbedded).isEmpty();
      BufferedImage image = new PDFRenderer(document).renderImage(0);
      int[] pixels =
          image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
      long dark = Arrays.stream(pixels).filter(rgb -> (rgb & 0xffffff) != 0xffffff).count();
      assertThat(dark).isGreaterThan(2_000);
    }
  }

  @Test
  void pdf_hasAGlyphForHindiJapaneseKoreanAndArabic() throws IOException {
    for (Map.Entry<String, String> tenant :
        Map.of(
                "hi-IN", "धर्म गौ रक्षा",
                "bn-BD", "কৃষ্ণ শিক্ষা ক্ষমা ৳",
                "gu-IN", "ગુજરાતી ક્ષમા",
                "th-TH", "บริษัท ที่อยู่ จำกัด",
                "ja-JP", "株式会社 山田 ￥98,765",
                "ko-KR", "주식회사 한국",
                "zh-CN", "上海有限公司",
                "ar-KW", "شركة الكويت (فرع) ٢٠٢٦",
                "he-IL", "חברה בעמ",
                "el-GR", "Εταιρεία и Ко")
            .entrySet()) {
      byte[] pdf = documents.pdf(named(tenant.getValue(), Locale.forLanguageTag(tenant.getKey())));
      try (PDDocument document = Loader.loadPDF(pdf)) {
        GlyphCheck check = new GlyphCheck();
        String text = check.getText(document);
        assertThat(check.missing).as("%s", tenant).isEmpty();
        assertThat(check.fontsNotEmbedded).as("%s", tenant).isEmpty();
        assertThat(text).as("%s", tenant).contains("INV-2025-0248").containsPattern("9[,.٬]999");
      }
    }
    assertThat(text(documents.pdf(named("株式会社 山田 ￥98,765", Locale.JAPAN))))
        .containsPattern("株式会社 山田 [￥¥]98,765");
  }

  @Test
  void pdf_ofAScriptWithoutAFont_isRefusedWithItsRemedy(@TempDir Path folder) throws IOException {
    InvoiceDetails tamil = named("தமிழ்நாடு", Locale.forLanguageTag("ta-IN"));
    assertThatThrownBy(() -> documents.pdf(tamil))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("(U+0BAE, tamil)")
        .hasMessageContaining("folder fonts of the templates")
        .hasMessageContaining("HTML");
    assertThat(documents.html(tamil)).contains("தமிழ்நாடு");
    Path fonts = Files.createDirectory(folder.resolve("fonts"));
    Files.write(fonts.resolve("Broken.ttf"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> new Documents(folder))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("Broken.ttf: is no TrueType font");
  }

  @Test
  void pdf_isDrawnWithTheFontsOfAFolderToo(@TempDir Path folder) throws IOException {
    Path fonts = Files.createDirectory(folder.resolve("fonts"));
    // Any font will do that can be told from ours by its name.
    try (var ours = Documents.class.getResourceAsStream("fonts/Waree.ttf")) {
      Files.write(fonts.resolve("House.ttf"), ours.readAllBytes());
    }
    Files.writeString(
        folder.resolve("invoice.hbs"),
        "<html><body style=\"font-family: House\">{{billedTo.name}}</body></html>");
    Documents own = new Documents(folder);
    assertThat(text(own.pdf(named("บริษัท", Locale.forLanguageTag("th-TH"))))).contains("บริษัท");
    InvoiceDetails tamil = named("தமிழ்", Locale.forLanguageTag("ta-IN"));
    assertThatThrownBy(() -> own.pdf(tamil)).isInstanceOf(Problem.class);
    Files.writeString(
        folder.resolve("invoice.hbs"),
        "<html><head><style>@font-face { font-family: X; src: url(data:font/ttf;base64,) }</style>"
            + "</head><body>{{billedTo.name}}</body></html>");
    assertThat(new Documents(folder).pdf(tamil))
        .as("its own fonts are its own matter")
        .isNotEmpty();
  }

  @Test
  void page_ofPricesWithTax_saysThatAmountsAreWithoutIt() {
    String taxed = documents.html(SampleInvoice.of(InvoiceStatus.OPEN, INDIA));
    assertThat(taxed)
        .contains("Unit price with tax", "9,999</td>", "₹8,473.73")
        .contains("Prices contain the tax; the amounts of the lines and the subtotal are without")
        .contains("<div class=\"muted\">Unlimited donors, all modules, SLA support</div>");
    String alike = documents.html(untaxed(SampleInvoice.of(InvoiceStatus.OPEN, INDIA)));
    assertThat(alike).contains(">Unit price<").doesNotContain("contain the tax");
  }

  /** The same where the price is the amount. */
  private static InvoiceDetails untaxed(InvoiceDetails sample) {
    InvoiceLine line = sample.lines().getFirst();
    InvoiceLine alike =
        new InvoiceLine(
            1,
            line.charge(),
            line.subscription(),
            line.source(),
            line.description(),
            line.detail(),
            line.period(),
            line.quantity(),
            "8473.73",
            line.amount(),
            List.of(),
            null,
            null,
            null);
    return new InvoiceDetails(
        sample.invoice(), List.of(alike), sample.seller(), sample.billedTo(), sample.print());
  }

  @Test
  void pdf_ofArabicDates_keepsTheirParts() throws IOException {
    InvoiceDetails sample = named("شركة", Locale.forLanguageTag("ar-KW"));
    assertThat(text(documents.pdf(sample))).contains("01/03/2025 – 31/03/2025", "07/03/2025");
    assertThat(documents.html(sample)).contains("01/03/2025 – 31/03/2025", "شركة");
  }

  private static InvoiceDetails named(String name, Locale locale) {
    InvoiceDetails sample = SampleInvoice.of(InvoiceStatus.OPEN, locale);
    return new InvoiceDetails(
        sample.invoice(),
        sample.lines(),
        sample.seller(),
        new Party(name, List.of(name), List.of()),
        sample.print());
  }

  @Test
  void html_isInTheTenantsLanguage() {
    String html = documents.html(SampleInvoice.of(InvoiceStatus.OPEN, Locale.GERMANY));
    assertThat(html)
        .contains("RECHNUNG", "Rechnung an", "8.473,73")
        .contains("neuntausendneunhundertneunundneunzig Rupien")
        .doesNotContain("BEZAHLT");
  }

  @Test
  void html_ofALanguageWithoutLabelsIsEnglish() {
    assertThat(documents.html(SampleInvoice.of(InvoiceStatus.VOID, Locale.of("sw", "KE"))))
        .contains("INVOICE", "VOID");
  }

  @Test
  void html_escapesWhatPeopleWrote() {
    assertThat(documents.html(SampleInvoice.of(InvoiceStatus.DRAFT, INDIA)))
        .contains("&lt;unlimited &amp; more&gt;", "DRAFT")
        .doesNotContain("<unlimited");
  }

  @Test
  void templates_ofAFolderReplaceOurs(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("invoice.hbs"),
        "<html><body style=\"font-family: DejaVu Sans\"><img src=\"{{logo}}\" alt=\"\"/><img"
            + " src=\"file:///etc/hostname\" alt=\"\"/>OUR OWN {{number}} {{labels.total}}"
            + " {{total}}</body></html>");
    Files.writeString(
        folder.resolve("labels_hi.properties"),
        Files.readString(labels()).replace("total=Total", "total=Kul"));
    Files.write(folder.resolve("logo.png"), DOT);
    Documents own = new Documents(folder);
    InvoiceDetails sample = SampleInvoice.of(InvoiceStatus.OPEN, Locale.forLanguageTag("hi-IN"));
    assertThat(own.html(sample)).contains("data:image/png;base64,", "Kul");
    assertThat(text(own.pdf(sample))).contains("OUR OWN INV-2025-0248 Kul ₹9,999.00");
  }

  @Test
  void check_ofAnOwnTemplateThatWorks_saysNothing(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("invoice.hbs"), "<html><body>{{number}}</body></html>");
    Files.writeString(folder.resolve("labels_hi.properties"), Files.readString(labels()));
    Documents.check(folder);
  }

  @Test
  void check_ofABrokenTemplate_namesFileAndLine(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("invoice.hbs"), "<html>\n<body>\n{{#each lines}}\n</body>\n</html>\n");
    assertThatThrownBy(() -> Documents.check(folder))
        .isInstanceOf(TemplateException.class)
        .hasMessageMatching("(?s).*invoice\\.hbs:[3-6]: .*");
  }

  @Test
  void check_ofAnUnknownHelper_namesFileAndLine(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("invoice.hbs"), "<html>\n<body>{{shout number}}</body>\n</html>\n");
    assertThatThrownBy(() -> Documents.check(folder))
        .hasMessageContaining("invoice.hbs:2:")
        .hasMessageContaining("shout");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{nmber}}",
        "{{{nmber}}}",
        "{{seller.nmber}}",
        "{{labels.nmber}}",
        "{{#if nmber}}x{{/if}}",
        "{{#if stamp}}{{#unless nmber}}x{{/unless}}{{/if}}",
        "{{#unless number}}{{nmber}}{{/unless}}",
        "{{#if corrects}}a{{else}}{{nmber}}{{/if}}",
        "{{#each nmber}}x{{/each}}",
        "{{#each lines}}{{nmber}}{{/each}}",
        "{{#each lines}}a{{else}}{{nmber}}{{/each}}",
        "{{#lines}}{{nmber}}{{/lines}}",
        "{{#nmber}}x{{/nmber}}",
        "{{#with seller}}{{nmber}}{{/with}}"
      })
  void check_ofAnUnknownKey_namesFileLineAndKey(String tag, @TempDir Path folder)
      throws IOException {
    Files.writeString(
        folder.resolve("invoice.hbs"), "<html>\n<body>{{title}}\n" + tag + "</body>\n</html>\n");
    assertThatThrownBy(() -> Documents.check(folder))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("invoice.hbs:3:")
        .hasMessageContaining("nmber");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{#if taxes.[1]}}several rates{{/if}}",
        "{{seller.address.[7]}}",
        "{{lines.[3].description}}",
        "{{#each taxes}}{{lookup ../lines @index}}{{/each}}",
        "{{#each lines}}{{@root.number}}{{#unless @last}},{{/unless}}{{/each}}"
      })
  void check_ofAPlaceThatSomeDocumentsHave_saysNothing(String tag, @TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("invoice.hbs"), "<html><body>" + tag + "</body></html>");
    Documents.check(folder);
  }

  @Test
  void check_ofTollgatesOwnTemplateCopied_saysNothing(@TempDir Path folder) throws IOException {
    try (var ours = Documents.class.getResourceAsStream("invoice.hbs")) {
      Files.write(folder.resolve("invoice.hbs"), ours.readAllBytes());
    }
    Documents.check(folder);
    Files.writeString(
        folder.resolve("invoice.hbs"),
        "<html><body>{{#each lines}}{{@index}} {{../number}} {{this.amount}}"
            + " {{#each details}}{{#if this}}{{this}}{{/if}}{{/each}}{{/each}}"
            + "{{#seller}}{{name}}{{/seller}}{{^logo}}x{{/logo}}{{! a note }}</body></html>");
    Documents.check(folder);
  }

  @Test
  void check_ofAPageThatIsNotWellFormed_namesItsLine(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("invoice.hbs"), "<html>\n<body>\n<p>never closed</body></html>");
    assertThatThrownBy(() -> Documents.check(folder))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("invoice.hbs")
        .hasMessageContaining("line 3");
  }

  @Test
  void check_ofLabelsThatAreNotWhole_namesThem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("labels_fr.properties");
    Files.writeString(file, Files.readString(labels()).replace("total=Total\n", ""));
    assertThatThrownBy(() -> Documents.check(folder))
        .hasMessageContaining("labels_fr.properties")
        .hasMessageContaining("[total]");
    Files.writeString(file, "invoice=FACTURE\ntotal=\\u12zz\n");
    assertThatThrownBy(() -> Documents.check(folder))
        .hasMessageContaining("labels_fr.properties:2:");
  }

  @Test
  void check_ofLabelsInAScriptWithoutAFont_namesFileAndRemedy(@TempDir Path folder)
      throws IOException {
    String labels;
    try (var ours = Documents.class.getResourceAsStream("labels.properties")) {
      labels = new String(ours.readAllBytes(), StandardCharsets.UTF_8);
    }
    Files.writeString(
        folder.resolve("labels_ta.properties"),
        labels.replace("total=Total", "total=\u0BAE\u0BCA\u0BA4\u0BCD\u0BA4\u0BAE\u0BCD"));
    assertThatThrownBy(() -> Documents.check(folder))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("labels_ta.properties: a PDF cannot show")
        .hasMessageContaining("folder fonts of the templates");
  }

  @Test
  void check_ofAFolderThatIsNotThere_saysSo(@TempDir Path folder) {
    assertThatThrownBy(() -> Documents.check(folder.resolve("nowhere")))
        .hasMessageContaining("nowhere is not a directory");
  }

  private static Path labels() {
    return Path.of(
        "src/main/resources/io/tollgate/controlplane/invoice/document/labels.properties");
  }

  private static String text(byte[] pdf) throws IOException {
    try (PDDocument document = Loader.loadPDF(pdf)) {
      return new PDFTextStripper().getText(document);
    }
  }

  /** Collects characters drawn as .notdef. */
  private static final class GlyphCheck extends PDFTextStripper {
    private final StringBuilder missing = new StringBuilder();
    private final StringBuilder fontsNotEmbedded = new StringBuilder();

    @Override
    protected void processTextPosition(TextPosition text) {
      PDFont font = text.getFont();
      if (!font.isEmbedded()) {
        fontsNotEmbedded.append(font.getName()).append(' ');
      }
      if (text.getCharacterCodes()[0] == 0 || text.getUnicode().indexOf('\ufffd') >= 0) {
        missing.append(text.getUnicode());
      }
      if (text.getUnicode().equals("#")) {
        missing.append('#');
      }
      super.processTextPosition(text);
    }
  }
}
