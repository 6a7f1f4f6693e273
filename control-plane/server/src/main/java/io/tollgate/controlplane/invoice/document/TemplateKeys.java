package io.tollgate.controlplane.invoice.document;

import com.github.jknack.handlebars.Handlebars;
import com.github.jknack.handlebars.HandlebarsError;
import com.github.jknack.handlebars.HandlebarsException;
import com.github.jknack.handlebars.Helper;
import com.github.jknack.handlebars.HelperRegistry;
import com.github.jknack.handlebars.Template;
import com.github.jknack.handlebars.helper.EachHelper;
import com.github.jknack.handlebars.helper.WithHelper;
import com.github.jknack.handlebars.io.StringTemplateSource;
import java.io.IOException;
import java.io.Serial;
import java.util.AbstractList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a template asks only for what there is. Every key of the model has a value, an empty one
 * where there is nothing to say, so that a key without one is a mistake; each branch is gone
 * through, whatever its condition says. What a page would say is of no interest here.
 */
final class TemplateKeys {
  private TemplateKeys() {}

  /**
   * Goes through a template.
   *
   * @param model with at least one entry in each of its lists
   * @return the line of the first key that is not there, with its number; empty for none
   * @throws HandlebarsException for another mistake
   */
  static Optional<String> check(String name, String source, Map<String, Object> model)
      throws IOException {
    Handlebars strict = new Handlebars();
    strict.registerHelper("if", bothWays());
    strict.registerHelper("unless", bothWays());
    strict.registerHelper("each", known(EachHelper.INSTANCE));
    strict.registerHelper("with", known(WithHelper.INSTANCE));
    strict.registerHelper(
        HelperRegistry.HELPER_MISSING,
        (value, options) -> {
          throw new UnknownKeyException();
        });
    Template template = strict.compile(new StringTemplateSource(name, source));
    try {
      template.apply(endless(model));
    } catch (HandlebarsException e) {
      HandlebarsError error = e.getError();
      if (error == null || !(e.getCause() instanceof UnknownKeyException)) {
        throw e;
      }
      return Optional.of(
          error.line
              + ": there is no such key: "
              + source.lines().skip(error.line - 1L).findFirst().orElse("").strip());
    }
    return Optional.empty();
  }

  /** How many entries a list has differs from document to document: each place is known. */
  private static Object endless(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> all = new LinkedHashMap<>();
      map.forEach((key, inner) -> all.put(key, endless(inner)));
      return all;
    }
    return value instanceof List<?> list
        ? new EndlessList(list.stream().map(TemplateKeys::endless).toList())
        : value;
  }

  /** Goes through its entries once, and has its last one at every place after them. */
  private static final class EndlessList extends AbstractList<Object> {
    private final List<Object> entries;

    EndlessList(List<Object> entries) {
      this.entries = entries;
    }

    @Override
    public Object get(int place) {
      return entries.get(Math.min(place, entries.size() - 1));
    }

    @Override
    public int size() {
      return entries.size();
    }
  }

  private static final class UnknownKeyException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;
  }

  private static Helper<Object> bothWays() {
    return (value, options) -> {
      mustBeKnown(value);
      return String.valueOf(options.fn()) + options.inverse();
    };
  }

  private static Helper<Object> known(Helper<Object> helper) {
    return (value, options) -> {
      mustBeKnown(value);
      return String.valueOf(helper.apply(value, options)) + options.inverse();
    };
  }

  private static void mustBeKnown(@Nullable Object value) {
    if (value == null) {
      throw new UnknownKeyException();
    }
  }
}
