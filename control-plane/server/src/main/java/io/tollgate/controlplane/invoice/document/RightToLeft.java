package io.tollgate.controlplane.invoice.document;

import com.openhtmltopdf.bidi.BidiReorderer;
import com.openhtmltopdf.bidi.BidiSplitter;
import com.openhtmltopdf.bidi.BidiTextRun;
import java.text.Bidi;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * Arabic and Hebrew in a PDF, which draws glyphs from left to right as they are: runs in their
 * visual order by the Unicode bidirectional algorithm, and Arabic letters joined by the Unicode
 * presentation forms. Stateless.
 */
final class RightToLeft implements BidiReorderer {
  /**
   * Forms of a letter: alone, at the end, at the beginning, in the middle; two where it joins none.
   */
  private static final Map<Character, char[]> FORMS = new HashMap<>();

  private static final Map<String, Character> LAM_ALEF = new HashMap<>();
  private static final char LAM = '\u0644';
  private static final char FIRST_FORM = '\uFE80';
  private static final char LAST_FORM = '\uFEFC';
  private static final String MIRRORED = "()[]{}<>«»";

  static {
    StringBuilder forms = new StringBuilder();
    String letter = "";
    for (char form = FIRST_FORM; form <= LAST_FORM; form++) {
      String plain = Normalizer.normalize(String.valueOf(form), Normalizer.Form.NFKC);
      if (!plain.equals(letter)) {
        keep(letter, forms.toString());
        forms.setLength(0);
        letter = plain;
      }
      forms.append(form);
    }
    keep(letter, forms.toString());
  }

  private static void keep(String letter, String forms) {
    if (letter.length() == 1) {
      FORMS.put(letter.charAt(0), forms.toCharArray());
    } else if (letter.length() == 2) {
      LAM_ALEF.put(letter, forms.charAt(0));
    }
  }

  @Override
  public String reorderRTLTextToLTR(String text) {
    StringBuilder reversed = new StringBuilder(text).reverse();
    for (int i = 0; i < reversed.length(); i++) {
      int place = MIRRORED.indexOf(reversed.charAt(i));
      if (place >= 0) {
        reversed.setCharAt(i, MIRRORED.charAt(place % 2 == 0 ? place + 1 : place - 1));
      }
    }
    return reversed.toString();
  }

  @Override
  public String shapeText(String text) {
    StringBuilder shaped = new StringBuilder();
    boolean joined = false;
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      char[] forms = FORMS.get(letter);
      if (isMark(letter)) {
        shaped.append(letter);
        continue;
      }
      Character ligature =
          letter == LAM && i + 1 < text.length() ? LAM_ALEF.get(text.substring(i, i + 2)) : null;
      if (ligature != null) {
        shaped.append((char) (ligature + (joined ? 1 : 0)));
        joined = false;
        i++;
      } else if (forms == null) {
        shaped.append(letter);
        joined = false;
      } else {
        boolean joins = forms.length == 4 && joinsBefore(text, i + 1);
        int form = (joins ? 2 : 0) + (joined && forms.length > 1 ? 1 : 0);
        shaped.append(forms[form]);
        joined = forms.length == 4;
      }
    }
    return shaped.toString();
  }

  /** Whether the next letter joins the one before it. */
  private static boolean joinsBefore(String text, int from) {
    int next = from;
    while (next < text.length() && isMark(text.charAt(next))) {
      next++;
    }
    char[] forms = next < text.length() ? FORMS.get(text.charAt(next)) : null;
    return forms != null && forms.length > 1;
  }

  private static boolean isMark(char letter) {
    return Character.getType(letter) == Character.NON_SPACING_MARK;
  }

  @Override
  public String deshapeText(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  @Override
  public boolean isLiveImplementation() {
    return true;
  }

  /** One paragraph in runs of one direction. */
  static final class Splitter implements BidiSplitter {
    private Bidi bidi = new Bidi("", Bidi.DIRECTION_LEFT_TO_RIGHT);
    private Integer[] order = {};

    @Override
    public void setParagraph(String paragraph, byte direction) {
      bidi =
          new Bidi(
              paragraph,
              switch (direction) {
                case BidiSplitter.RTL -> Bidi.DIRECTION_RIGHT_TO_LEFT;
                case BidiSplitter.NEUTRAL -> Bidi.DIRECTION_DEFAULT_LEFT_TO_RIGHT;
                default -> Bidi.DIRECTION_LEFT_TO_RIGHT;
              });
      byte[] levels = new byte[bidi.getRunCount()];
      order = new Integer[levels.length];
      for (int run = 0; run < levels.length; run++) {
        levels[run] = (byte) bidi.getRunLevel(run);
        order[run] = run;
      }
      if (order.length > 0) {
        Bidi.reorderVisually(levels, 0, order, 0, order.length);
      }
    }

    @Override
    public int countTextRuns() {
      return order.length;
    }

    @Override
    public BidiTextRun getVisualRun(int place) {
      int run = order[place];
      return new BidiTextRun(
          bidi.getRunStart(run),
          bidi.getRunLimit(run) - bidi.getRunStart(run),
          bidi.getRunLevel(run) % 2 == 1 ? BidiSplitter.RTL : BidiSplitter.LTR);
    }

    @Override
    public byte getBaseDirection(String paragraph) {
      Bidi first = new Bidi(paragraph, Bidi.DIRECTION_DEFAULT_LEFT_TO_RIGHT);
      return first.baseIsLeftToRight() ? BidiSplitter.LTR : BidiSplitter.RTL;
    }
  }
}
