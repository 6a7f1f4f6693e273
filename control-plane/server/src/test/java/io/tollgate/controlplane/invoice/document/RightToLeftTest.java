package io.tollgate.controlplane.invoice.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.openhtmltopdf.bidi.BidiSplitter;
import java.text.Normalizer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RightToLeftTest {
  private final RightToLeft text = new RightToLeft();

  @Test
  void shapeText_joinsLettersAsTheyAreWritten() {
    // Sheen begins, reh ends (it joins none behind it), kaf begins, teh marbuta ends.
    assertThat(text.shapeText("شركة")).isEqualTo("\uFEB7\uFEAE\uFEDB\uFE94");
    // Lam and alef are one letter, behind seen in its final form.
    assertThat(text.shapeText("سلام")).isEqualTo("\uFEB3\uFEFC\uFEE1");
    assertThat(text.shapeText("لا")).isEqualTo("\uFEFB");
    assertThat(text.shapeText("ب")).isEqualTo("\uFE8F");
    assertThat(text.shapeText("Total 5 שלום")).isEqualTo("Total 5 שלום");
  }

  @Test
  void reorder_turnsLettersAndBrackets() {
    assertThat(text.reorderRTLTextToLTR("אב (ג)")).isEqualTo("(ג) בא");
  }

  @Test
  void splitter_keepsNumbersInTheirOrderAmongLetters() {
    RightToLeft.Splitter splitter = new RightToLeft.Splitter();
    splitter.setParagraph("AB אב 12 גד", BidiSplitter.LTR);
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < splitter.countTextRuns(); i++) {
      var run = splitter.getVisualRun(i);
      String part = "AB אב 12 גד".substring(run.getStart(), run.getStart() + run.getLength());
      seen.append(run.getDirection() == BidiSplitter.RTL ? text.reorderRTLTextToLTR(part) : part);
    }
    assertThat(seen).hasToString("AB דג 12 בא");
  }

  @Property(tries = 300)
  void shapeText_ofAnyLetters_saysTheSame(
      @ForAll @StringLength(max = 20) @CharRange(from = '\u0620', to = '\u064A') String letters) {
    assertThat(text.deshapeText(text.shapeText(letters)))
        .isEqualTo(Normalizer.normalize(letters, Normalizer.Form.NFKC));
  }
}
