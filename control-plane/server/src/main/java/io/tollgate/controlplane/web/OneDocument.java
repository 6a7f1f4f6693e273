package io.tollgate.controlplane.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Holds a body of JSON to one document that means one thing (RFC 8259: one value; names in an
 * object should be unique): what follows the value, and a name that is there twice, would be passed
 * over by whoever reads it. A body that is no JSON at all is left to its route, which says where.
 */
final class OneDocument {
  private static final JsonFactory JSON = new JsonFactory();

  private OneDocument() {}

  /**
   * Reads through the body once.
   *
   * @throws Problem 400 that names what follows, or the name that is there twice
   */
  static void check(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      parser.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
      if (isRead(parser)) {
        mustEnd(parser);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the first value is whole. */
  private static boolean isRead(JsonParser parser) throws IOException {
    try {
      JsonToken first = parser.nextToken();
      parser.skipChildren();
      return first != null;
    } catch (IOException e) {
      String why = e instanceof JsonProcessingException json ? json.getOriginalMessage() : "";
      if (why.startsWith("Duplicate field")) {
        throw Problem.malformed(
            why
                + at(parser)
                + "; each name may be in an object once: nobody could say which holds");
      }
      return false;
    }
  }

  private static void mustEnd(JsonParser parser) throws IOException {
    boolean more;
    try {
      more = parser.nextToken() != null;
    } catch (IOException e) {
      more = true;
    }
    if (more) {
      throw Problem.malformed("the body goes on behind its JSON value" + at(parser));
    }
  }

  private static String at(JsonParser parser) {
    var place = parser.currentLocation();
    return " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
  }
}
