package io.tollgate.controlplane.invoice.document;

import com.openhtmltopdf.extend.FSSupplier;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FSFontUseCase;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The fonts a PDF is drawn with. {@code DejaVu Sans} is what templates name: Latin, Greek,
 * Cyrillic, Armenian, Georgian, Hebrew, Arabic and the rupee sign. Whatever it lacks comes from the
 * others by itself, whatever a template names: first from the fonts of an own folder, then
 * Devanagari, Bengali and Gujarati from Noto Sans, Thai from Waree, Chinese, Japanese and Korean
 * with their wide signs (U+FFE5) from Droid Sans Fallback. A PDF embeds what it draws. Thread-safe.
 */
final class Fonts {
  private static final Set<FSFontUseCase> IN_DOCUMENT = EnumSet.of(FSFontUseCase.DOCUMENT);
  private static final Set<FSFontUseCase> FOR_THE_REST = EnumSet.of(FSFontUseCase.FALLBACK_FINAL);
  private static final Set<FSFontUseCase> BOTH =
      EnumSet.of(FSFontUseCase.DOCUMENT, FSFontUseCase.FALLBACK_FINAL);

  private record Face(
      String family,
      int weight,
      FSSupplier<InputStream> file,
      CmapLookup signs,
      Set<FSFontUseCase> use) {}

  private final List<Face> faces = new ArrayList<>();

  /**
   * Reads the fonts this program brings, and those of a folder.
   *
   * @param folder with {@code .ttf} files; a template names them by their name without that. Null
   *     or not there for none
   * @throws TemplateException naming a file that is no such font
   */
  Fonts(@Nullable Path folder) throws IOException {
    add("DejaVu Sans", 400, "DejaVuSans.ttf", IN_DOCUMENT);
    add("DejaVu Sans", 700, "DejaVuSans-Bold.ttf", IN_DOCUMENT);
    if (folder != null && Files.isDirectory(folder)) {
      addAll(folder);
    }
    add("Noto Sans Devanagari", 400, "NotoSansDevanagari-Regular.ttf", FOR_THE_REST);
    add("Noto Sans Devanagari", 700, "NotoSansDevanagari-Bold.ttf", FOR_THE_REST);
    add("Noto Sans Bengali", 400, "NotoSansBengali-Regular.ttf", FOR_THE_REST);
    add("Noto Sans Gujarati", 400, "NotoSansGujarati-Regular.ttf", FOR_THE_REST);
    add("Waree", 400, "Waree.ttf", FOR_THE_REST);
    add("Droid Sans Fallback", 400, "DroidSansFallback.ttf", FOR_THE_REST);
  }

  private void add(String family, int weight, String file, Set<FSFontUseCase> use)
      throws IOException {
    try (InputStream in = Fonts.class.getResourceAsStream("fonts/" + file)) {
      if (in == null) {
        throw new FileNotFoundException(file);
      }
      add(family, weight, in.readAllBytes(), use);
    }
  }

  private void add(String family, int weight, byte[] file, Set<FSFontUseCase> use)
      throws IOException {
    CmapLookup signs =
        new TTFParser().parse(new RandomAccessReadBuffer(file)).getUnicodeCmapLookup();
    faces.add(new Face(family, weight, () -> new ByteArrayInputStream(file), signs, use));
  }

  private void addAll(Path folder) throws IOException {
    Set<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.ttf")) {
      found.forEach(files::add);
    }
    for (Path file : files) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.ttf$", "");
      try {
        add(name, 400, Files.readAllBytes(file), BOTH);
      } catch (IOException | RuntimeException e) {
        throw new TemplateException(file + ": is no TrueType font: " + e.getMessage(), e);
      }
    }
  }

  /** The first character of a text that none of the fonts can draw. */
  OptionalInt firstMissing(String text) {
    return text.codePoints().filter(sign -> isDrawn(sign) && !hasFont(sign)).findFirst();
  }

  /** Not so what only steers: it leaves no mark on paper. */
  private static boolean isDrawn(int sign) {
    return switch (Character.getType(sign)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private boolean hasFont(int sign) {
    for (Face face : faces) {
      if (face.signs().getGlyphId(sign) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Gives a PDF its fonts. */
  void to(PdfRendererBuilder builder) {
    for (Face face : faces) {
      builder.useFont(
          face.file(), face.family(), face.weight(), FontStyle.NORMAL, true, face.use());
    }
  }
}
