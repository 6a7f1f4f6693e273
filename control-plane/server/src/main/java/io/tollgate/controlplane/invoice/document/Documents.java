package io.tollgate.controlplane.invoice.document;

import com.github.jknack.handlebars.Handlebars;
import com.github.jknack.handlebars.HandlebarsError;
import com.github.jknack.handlebars.HandlebarsException;
import com.github.jknack.handlebars.Template;
import com.github.jknack.handlebars.io.StringTemplateSource;
import com.openhtmltopdf.outputdevice.helper.ExternalResourceControlPriority;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.util.XRLog;
import com.openhtmltopdf.util.XRRuntimeException;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.PropertyResourceBundle;
import java.util.ResourceBundle;
import java.util.logging.Level;
import javax.xml.transform.TransformerException;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.jspecify.annotations.Nullable;
import org.xml.sax.SAXParseException;

/**
 * Invoices as HTML and PDF, from a Handlebars template people can replace: a folder given at start
 * may hold {@code invoice.hbs}, {@code labels_xx.properties} for a language xx, and {@code
 * logo.png} or {@code logo.jpg}, and in {@code fonts} more fonts; what it lacks comes from
 * Tollgate. The PDF embeds the fonts it needs ({@link Fonts}). Templates reach no network and no
 * file: only data URIs are read. Safe for use by many threads.
 */
public final class Documents {
  private static final String TEMPLATE = "invoice.hbs";

  private final @Nullable Path folder;
  private final Template template;
  private final String logo;
  private final Fonts fonts;

  /**
   * Documents from Tollgate's own template, or from a folder of own ones.
   *
   * @param folder where own templates are; null for none
   * @throws TemplateException naming file and line if one of the folder's files cannot be used
   */
  public Documents(@Nullable Path folder) {
    this.folder = folder;
    try {
      String source = new String(read(TEMPLATE), StandardCharsets.UTF_8);
      template = new Handlebars().compile(new StringTemplateSource(TEMPLATE, source));
      logo = logo(folder);
      fonts = new Fonts(folder == null ? null : folder.resolve("fonts"));
    } catch (HandlebarsException e) {
      throw broken(e);
    } catch (IOException e) {
      throw new TemplateException("invoice templates: " + e.getMessage(), e);
    }
    XRLog.listRegisteredLoggers().forEach(logger -> XRLog.setLevel(logger, Level.WARNING));
  }

  /**
   * Tries a folder of own templates: labels of each language are whole, and the template makes a
   * page and a PDF of a specimen.
   *
   * @throws TemplateException naming file and line
   */
  public static void check(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new TemplateException(folder + " is not a directory", new FileNotFoundException());
    }
    Documents documents = new Documents(folder);
    List<Locale> languages = new ArrayList<>(List.of(Locale.ENGLISH));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "labels*.properties")) {
      for (Path file : files) {
        Labels.check(file);
        String name = String.valueOf(file.getFileName());
        languages.add(Locale.forLanguageTag(name.replaceAll("labels_?|\\.properties", "")));
      }
    } catch (IOException e) {
      throw new TemplateException(folder + ": " + e.getMessage(), e);
    }
    documents.mustAskOnlyForWhatThereIs();
    for (Locale language : languages) {
      try {
        documents.pdf(Specimen.in(language));
      } catch (Problem e) {
        String labels = folder.resolve("labels_" + language.toLanguageTag()) + ".properties";
        throw new TemplateException(labels + ": " + e.getMessage(), e);
      }
    }
  }

  private void mustAskOnlyForWhatThereIs() {
    InvoiceDetails specimen = Specimen.in(Locale.ENGLISH);
    try {
      TemplateKeys.check(
              TEMPLATE,
              new String(read(TEMPLATE), StandardCharsets.UTF_8),
              new DocumentView(specimen, labels(Locale.ENGLISH)).model(logo))
          .ifPresent(
              mistake -> {
                throw new TemplateException(where() + ":" + mistake, null);
              });
    } catch (HandlebarsException e) {
      throw broken(e);
    } catch (IOException e) {
      throw new TemplateException("invoice templates: " + e.getMessage(), e);
    }
  }

  private String where() {
    return folder == null ? TEMPLATE : folder.resolve(TEMPLATE).toString();
  }

  private TemplateException broken(HandlebarsException e) {
    HandlebarsError error = e.getError();
    String where = where();
    return error == null
        ? new TemplateException(where + ": " + e.getMessage(), e)
        : new TemplateException(
            where + ":" + error.line + ": " + error.reason.replaceAll("\\s+", " "), e);
  }

  /** The document as one HTML page without outside references. */
  public String html(InvoiceDetails details) {
    DocumentView view = new DocumentView(details, labels(details.print().locale()));
    try {
      return template.apply(view.model(logo));
    } catch (HandlebarsException e) {
      throw broken(e);
    } catch (IOException e) {
      throw new UncheckedIOException("invoice template: " + e.getMessage(), e);
    }
  }

  /**
   * The document as PDF, fonts embedded.
   *
   * @throws Problem 422 naming a character for which there is no font, its script and the remedy;
   *     of a template that brings fonts of its own nobody knows what they can draw
   */
  public byte[] pdf(InvoiceDetails details) {
    String page = html(details);
    if (!page.contains("@font-face")) {
      fonts
          .firstMissing(textOf(page))
          .ifPresent(
              sign -> {
                throw undrawable(sign);
              });
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(64 * 1024);
    PdfRendererBuilder builder = new PdfRendererBuilder();
    builder.withProducer("Tollgate");
    fonts.to(builder);
    builder.useUnicodeBidiSplitter(RightToLeft.Splitter::new);
    builder.useUnicodeBidiReorderer(new RightToLeft());
    for (ExternalResourceControlPriority when : ExternalResourceControlPriority.values()) {
      builder.useExternalResourceAccessControl((uri, type) -> uri.startsWith("data:"), when);
    }
    builder.withHtmlContent(page, null);
    builder.toStream(out);
    try {
      builder.run();
    } catch (XRRuntimeException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new UncheckedIOException("invoice to PDF: " + e.getMessage(), e);
    }
    return out.toByteArray();
  }

  private static Problem undrawable(int sign) {
    String script =
        Character.UnicodeScript.of(sign).name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return new Problem(
        422,
        "no-font",
        "No font",
        "a PDF cannot show '%s' (U+%04X, %s): put a TrueType font of %s into the folder fonts of the templates, or take the document as HTML, which shows it"
            .formatted(Character.toString(sign), sign, script, script));
  }

  /** What a reader sees of a PDF, line by line. */
  public static String textOf(byte[] pdf) {
    try (PDDocument document = Loader.loadPDF(pdf)) {
      return new PDFTextStripper().getText(document);
    } catch (IOException e) {
      throw new UncheckedIOException("a PDF cannot be read: " + e.getMessage(), e);
    }
  }

  /** What a reader sees of a page of HTML, piece by piece. */
  public static String textOf(String html) {
    return html.replaceAll("(?s)<style>.*?</style>", "")
        .replaceAll("<[^>]*>", "\n")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
        .replaceAll("\\s*\n\\s*", "\n")
        .strip();
  }

  private TemplateException unreadable(XRRuntimeException e) {
    String where = where();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SAXParseException mistake) {
        return new TemplateException(
            where
                + ": the page it makes is not well-formed XHTML, which PDF needs: line "
                + mistake.getLineNumber()
                + " of the page: "
                + mistake.getMessage(),
            e);
      }
      if (cause instanceof TransformerException mistake && mistake.getLocator() != null) {
        return new TemplateException(
            where
                + ": the page it makes is not well-formed XHTML, which PDF needs: line "
                + mistake.getLocator().getLineNumber()
                + " of the page: "
                + mistake.getMessage(),
            e);
      }
    }
    return new TemplateException(where + ": " + e.getMessage(), e);
  }

  private ResourceBundle labels(Locale locale) {
    try {
      return bundle("labels_" + locale.getLanguage() + ".properties");
    } catch (FileNotFoundException e) {
      try {
        return bundle("labels.properties");
      } catch (IOException none) {
        throw new UncheckedIOException(none);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ResourceBundle bundle(String name) throws IOException {
    byte[] bytes = read(name);
    try (Reader reader =
        new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8)) {
      return new PropertyResourceBundle(reader);
    }
  }

  /** From the folder if it is there, else Tollgate's own. */
  private byte[] read(String name) throws IOException {
    if (folder != null && Files.isRegularFile(folder.resolve(name))) {
      return Files.readAllBytes(folder.resolve(name));
    }
    try (InputStream in = Documents.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return in.readAllBytes();
    }
  }

  private static String logo(@Nullable Path folder) throws IOException {
    if (folder == null) {
      return "";
    }
    for (String type : List.of("png", "jpg")) {
      Path file = folder.resolve("logo." + type);
      if (Files.isRegularFile(file)) {
        String media = type.equals("png") ? "image/png" : "image/jpeg";
        String bytes = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        return "data:" + media + ";base64," + bytes;
      }
    }
    return "";
  }
}
