package io.tollgate.controlplane.invoice.document;

import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FSFontUseCase;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fonts a PDF is drawn with. {@code DejaVu Sans} is what templates name: Latin, Greek,
 * Cyrillic, Arabic and the rupee sign. Whatever it lacks comes from the others by itself, whatever
 * a template names: Devanagari from Noto Sans, Chinese, Japanese and Korean with their wide signs
 * (U+FFE5) from Droid Sans Fallback. Each is read once a PDF needs it, and embeds what it draws.
 * Thread-safe.
 */
final class Fonts {
  private static final Set<FSFontUseCase> IN_DOCUMENT = EnumSet.of(FSFontUseCase.DOCUMENT);
  private static final Set<FSFontUseCase> FOR_THE_REST = EnumSet.of(FSFontUseCase.FALLBACK_FINAL);

  private record Face(String family, int weight, String file, Set<FSFontUseCase> use) {}

  private final List<Face> faces = new ArrayList<>();
  private final Map<String, byte[]> files = new HashMap<>();

  /** Reads the fonts this program brings. */
  Fonts() throws IOException {
    add("DejaVu Sans", 400, "DejaVuSans.ttf", IN_DOCUMENT);
    add("DejaVu Sans", 700, "DejaVuSans-Bold.ttf", IN_DOCUMENT);
    add("Noto Sans Devanagari", 400, "NotoSansDevanagari-Regular.ttf", FOR_THE_REST);
    add("Noto Sans Devanagari", 700, "NotoSansDevanagari-Bold.ttf", FOR_THE_REST);
    add("Droid Sans Fallback", 400, "DroidSansFallback.ttf", FOR_THE_REST);
  }

  private void add(String family, int weight, String file, Set<FSFontUseCase> use)
      throws IOException {
    try (InputStream in = Fonts.class.getResourceAsStream("fonts/" + file)) {
      if (in == null) {
        throw new FileNotFoundException(file);
      }
      files.put(file, in.readAllBytes());
      faces.add(new Face(family, weight, file, use));
    }
  }

  /** Gives a PDF its fonts. */
  void to(PdfRendererBuilder builder) {
    for (Face face : faces) {
      builder.useFont(
          () -> new ByteArrayInputStream(files.getOrDefault(face.file(), new byte[0])),
          face.family(),
          face.weight(),
          FontStyle.NORMAL,
          true,
          face.use());
    }
  }
}
