package io.tollgate.controlplane.invoice.document;

import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FSFontUseCase;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

  /** One font, which is read once somebody asks what it can draw. */
  private static final class Face {
    private final String family;
    private final int weight;
    private final byte[] file;
    private final Set<FSFontUseCase> use;
    private @Nullable CmapLookup signs;

    Face(String family, int weight, byte[] file, Set<FSFontUseCase> use) {
      this.family = family;
      this.weight = weight;
      this.file = file;
      this.use = use;
    }

    synchronized boolean draws(int sign) throws IOException {
      if (signs == null) {
        signs = new TTFParser().parse(new RandomAccessReadBuffer(file)).getUnicodeCmapLookup();
      }
      return signs.getGlyphId(sign) != 0;
    }
  }

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
      faces.add(new Face(family, weight, in.readAllBytes(), use));
    }
  }

  private void addAll(Path folder) throws IOException {
    Set<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.ttf")) {
      found.forEach(files::add);
    }
    for (Path file : files) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.ttf$", "");
      try {
        Face face = new Face(name, 400, Files.readAllBytes(file), BOTH);
        face.draws(' ');
        faces.add(face);
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
    try {
      for (Face face : faces) {
        if (face.draws(sign)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("a font cannot be read: " + e.getMessage(), e);
    }
  }

  /** Gives a PDF its fonts. */
  void to(PdfRendererBuilder builder) {
    for (Face face : faces) {
      builder.useFont(
          () -> new ByteArrayInputStream(face.file),
          face.family,
          face.weight,
          FontStyle.NORMAL,
          true,
          face.use);
    }
  }
}
