package io.tollgate.controlplane.tenant;

import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads who pays, as the API, imports and scenario files say it. Stateless. */
public final class BillingFields {
  private static final Pattern GSTIN =
      Pattern.compile("\\d{2}[A-Z]{5}\\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]");
  private static final Pattern PAN = Pattern.compile("[A-Z]{5}\\d{4}[A-Z]");
  private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");
  private static final Set<String> COUNTRIES = Set.of(Locale.getISOCountries());

  private BillingFields() {}

  /**
   * The member {@code billing}; where it is missing, details with the name only.
   *
   * @param name of the tenant, which is the legal one unless another is given
   * @throws Problem 422 naming the field
   */
  public static BillingDetails read(JsonFields fields, String name) {
    Optional<JsonFields> given = fields.findObject("billing");
    if (given.isEmpty()) {
      return BillingDetails.named(name);
    }
    JsonFields billing = given.get();
    BillingDetails details =
        new BillingDetails(
            billing.findText("name").orElse(name),
            billing.texts("address"),
            checked(billing, "country", COUNTRIES),
            billing.textOrNone("region"),
            billing.textOrNone("city"),
            billing.textOrNone("postalCode"),
            checked(billing, "gstin", GSTIN, "a GSTIN such as 29ABCDE1234F1Z5"),
            checked(billing, "pan", PAN, "a PAN such as ABCDE1234F"),
            billing.textOrNone("taxId"),
            billing.textOrNone("taxExemption"),
            billing.bool("reverseCharge", false),
            checked(billing, "email", EMAIL, "an e-mail address"),
            language(billing));
    billing.close();
    return details;
  }

  private static Locale language(JsonFields billing) {
    @Nullable String tag = billing.findText("language").orElse(null);
    if (tag == null) {
      return Locale.ENGLISH;
    }
    try {
      return new Locale.Builder().setLanguageTag(tag).build();
    } catch (IllformedLocaleException e) {
      throw billing.wrong(
          "language", "a language tag such as en-IN is expected, not '" + tag + "'");
    }
  }

  private static String checked(JsonFields fields, String field, Set<String> allowed) {
    String text = fields.textOrNone(field);
    if (!text.isEmpty() && !allowed.contains(text)) {
      throw fields.wrong(field, "an ISO 3166 code such as IN is expected, not '" + text + "'");
    }
    return text;
  }

  private static String checked(JsonFields fields, String field, Pattern form, String what) {
    String text = fields.textOrNone(field);
    return text.isEmpty() ? text : matching(fields, field, form, text, what);
  }

  static String matching(JsonFields fields, String field, Pattern form, String text, String what) {
    if (!form.matcher(text).matches()) {
      throw fields.wrong(field, what + " is expected, not '" + text + "'");
    }
    return text;
  }
}
