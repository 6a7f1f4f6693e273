package io.tollgate.examples.donations;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.tollgate.examples.donations.Organisation.Donation;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The API's routes. Bodies are forms, as in {@code curl -d cause=goshala -d amount=501}. */
final class DonationsApi implements HttpHandler {
  private static final String TENANT = "X-Tollgate-Tenant";
  private static final int LONGEST_BODY = 64 << 10;

  private final Organisations organisations;
  private final Clock clock;

  DonationsApi(Organisations organisations, Clock clock) {
    this.organisations = organisations;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange).send(exchange);
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/health")) {
      return Answer.json(200, Map.of("status", "up"));
    }
    String tenant = exchange.getRequestHeaders().getFirst(TENANT);
    if (tenant == null) {
      return Answer.problem(
          400, "No organisation", "The field " + TENANT + " is missing; call through the proxy.");
    }
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY);
    Map<String, String> form = form(new String(body, StandardCharsets.UTF_8));
    return route(
        exchange.getRequestMethod() + " " + path.replaceAll("/[0-9]+", "/{number}"),
        path,
        organisations.of(tenant),
        form);
  }

  private Answer route(
      String route, String path, Organisation organisation, Map<String, String> form) {
    return switch (route) {
      case "GET /causes" ->
          Answer.json(200, organisation.causes().stream().map(DonationsApi::json).toList());
      case "POST /causes" -> addCause(organisation, form);
      case "GET /donations" ->
          Answer.json(200, organisation.donations().stream().map(DonationsApi::json).toList());
      case "POST /donations" -> donate(organisation, form);
      case "GET /donations/{number}" ->
          donation(path, organisation)
              .map(donation -> Answer.json(200, json(donation)))
              .orElseGet(() -> notFound(path));
      case "POST /donations/{number}/receipt", "GET /donations/{number}/receipt" ->
          donation(path, organisation)
              .map(donation -> Answer.pdf(organisation.receipt(donation)))
              .orElseGet(() -> notFound(path));
      case "POST /events" ->
          Answer.json(
              201,
              json(organisation.addEvent(form.getOrDefault("title", "Event"), clock.instant())));
      case "GET /analytics/donors" -> Answer.json(200, organisation.totalsByDonor());
      case "GET /gaucoins" -> Answer.json(200, Map.of("coins", organisation.donations().size()));
      default -> notFound(path);
    };
  }

  private static Answer addCause(Organisation organisation, Map<String, String> form) {
    String key = form.getOrDefault("key", "");
    if (!key.matches("[a-z0-9-]{1,40}")) {
      return Answer.problem(422, "No cause", "key must be 1 to 40 of a-z, 0-9 and -.");
    }
    return Answer.json(201, json(organisation.addCause(key, form.getOrDefault("title", key))));
  }

  private Answer donate(Organisation organisation, Map<String, String> form) {
    String amount = form.getOrDefault("amount", "");
    if (!amount.matches("[0-9]{1,9}([.][0-9]{1,2})?")) {
      return Answer.problem(422, "No amount", "amount must be rupees, as in 501 or 501.50.");
    }
    String cause = form.getOrDefault("cause", "");
    return organisation
        .donate(
            cause, form.getOrDefault("donor", "anonymous"), new BigDecimal(amount), clock.instant())
        .map(donation -> Answer.json(201, json(donation)))
        .orElseGet(() -> Answer.problem(422, "No such cause", "cause '" + cause + "' is unknown."));
  }

  private static Optional<Donation> donation(String path, Organisation organisation) {
    List<String> parts = List.of(path.split("/", -1));
    String number = parts.get(2);
    return number.length() > 18 ? Optional.empty() : organisation.donation(Long.parseLong(number));
  }

  private static Answer notFound(String path) {
    return Answer.problem(404, "Not found", "There is nothing at " + path + ".");
  }

  private static Map<String, Object> json(Organisation.Cause cause) {
    return members("key", cause.key(), "title", cause.title());
  }

  private static Map<String, Object> json(Donation donation) {
    return members(
        "number", donation.number(),
        "cause", donation.cause(),
        "donor", donation.donor(),
        "amount", donation.amount().toPlainString(),
        "currency", "INR",
        "given", donation.given());
  }

  private static Map<String, Object> json(Organisation.Event event) {
    return members("number", event.number(), "title", event.title(), "created", event.created());
  }

  private static Map<String, Object> members(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int at = 0; at < namesAndValues.length; at += 2) {
      members.put(namesAndValues[at].toString(), namesAndValues[at + 1]);
    }
    return members;
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new HashMap<>();
    for (String field : body.split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        form.put(decode(field.substring(0, equals)), decode(field.substring(equals + 1)));
      }
    }
    return form;
  }

  /** The decoded text, or the text itself where it is not encoded as a form should be. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }
}
