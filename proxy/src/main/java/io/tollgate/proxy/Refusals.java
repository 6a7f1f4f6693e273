package io.tollgate.proxy;

import io.netty.util.AsciiString;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.admin.Denial;
import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.decision.RateLimitFields;
import io.tollgate.proxy.forward.Problem;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.route.Route;
import io.tollgate.proxy.tenant.Identity;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;

/**
 * What a caller is told of limits, in answers and in refusals, and what is kept of why. On one
 * event loop.
 */
final class Refusals {
  private static final CharSequence RATE_LIMIT = AsciiString.cached("RateLimit");
  private static final CharSequence RATE_LIMIT_POLICY = AsciiString.cached("RateLimit-Policy");
  private static final CharSequence WARNING = AsciiString.cached("X-Tollgate-Warning");
  private static final CharSequence AUTHENTICATE = AsciiString.cached("WWW-Authenticate");
  private static final int MOST_POLICIES = 1024;

  private final Rooms rooms;
  private final RateLimitFields limitFields = new RateLimitFields();
  private final HashMap<String, AsciiString> policies = new HashMap<>();
  private String lastText = "";
  private AsciiString lastPolicy = AsciiString.EMPTY_STRING;

  Refusals(Rooms rooms) {
    this.rooms = rooms;
  }

  /** Adds what is left of the limits. The origin's own fields stay: a list only grows stricter. */
  void tellLimits(Passage passage, MultiMap fields) {
    Verdict verdict = passage.verdict;
    if (verdict != null && !verdict.policyField().isEmpty()) {
      fields.add(RATE_LIMIT_POLICY, policy(verdict.policyField()));
      fields.add(RATE_LIMIT, new AsciiString(limitFields.rateLimit(verdict), false));
      byte[] warning = limitFields.warning(verdict);
      if (warning.length > 0) {
        fields.add(WARNING, new AsciiString(warning, false));
      }
    }
  }

  /** As bytes, which are written faster than a string; tenants of a plan share one. */
  private AsciiString policy(String text) {
    if (text.equals(lastText)) {
      return lastPolicy; // the limit room has one object for all tenants of a plan
    }
    AsciiString known = policies.get(text);
    if (known == null) {
      if (policies.size() == MOST_POLICIES) {
        policies.clear();
      }
      known = new AsciiString(text.getBytes(StandardCharsets.US_ASCII), false);
      policies.put(text, known);
    }
    lastText = text;
    lastPolicy = known;
    return known;
  }

  /** Counts a refusal, and says it as a problem whose fields stand in the response. */
  Problem problem(Passage passage, Refuse refuse) {
    rooms.metrics().refused(refuse.reason());
    passage.refusal = ProxyMetrics.label(refuse.reason());
    HttpServerResponse response = passage.request().response();
    if (!response.closed()) {
      tellLimits(passage, response.headers());
      if (refuse.status() == 401) {
        response.putHeader(AUTHENTICATE, "ApiKey, Bearer");
      }
    }
    return worded(passage, refuse);
  }

  /** Says why a call that was admitted goes on no further. */
  Problem spent(Passage passage, Refuse refuse) {
    HttpServerResponse response = passage.request().response();
    if (!passage.answered && !response.closed()) {
      tellLimits(passage, response.headers());
    }
    return worded(passage, refuse);
  }

  private Problem worded(Passage passage, Refuse refuse) {
    return new Problem(
        refuse.status(),
        refuse.type(),
        refuse.title(),
        refuse.detail(),
        refuse.violatedPolicies(),
        refuse.retryAfterSeconds(),
        denial(passage, refuse));
  }

  /** Keeps why, for whoever asks later. */
  private String denial(Passage passage, Refuse refuse) {
    Entitlements entitlements = passage.entitlements;
    Identity.Known known = passage.caller;
    if (entitlements == null || known == null) {
      return "";
    }
    Route route = passage.plan().route();
    Denial.Caller caller =
        new Denial.Caller(entitlements, known.keyId(), route.name(), route.feature());
    passage.denial = rooms.denials().keep(caller, refuse, passage.verdict);
    return passage.denial;
  }
}
