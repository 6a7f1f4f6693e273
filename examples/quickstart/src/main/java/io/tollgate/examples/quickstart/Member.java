package io.tollgate.examples.quickstart;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One tenant of the story.
 *
 * @param id the tenant's id
 * @param name for invoices
 * @param catalog what it buys from
 * @param plan what it bought
 * @param currency ISO 4217
 * @param zone billing time zone
 * @param addOns quantity by add-on
 * @param calls how often it makes each call, in order
 */
record Member(
    String id,
    String name,
    String catalog,
    String plan,
    String currency,
    String zone,
    Map<String, Integer> addOns,
    Map<Call, Integer> calls) {

  private static final String INDIA = "Asia/Kolkata";

  /** The tenant that does not pay. */
  static final String DEBTOR = "nandi-foundation";

  /** Everyone, on different plans of three catalogs. */
  static List<Member> everyone() {
    return List.of(
        new Member(
            "gokul-trust",
            "Gokul Trust",
            "gaudaan",
            "starter",
            "INR",
            INDIA,
            Map.of(),
            calls(Call.READ, 60, Call.DONATE, 10, Call.GAUCOINS, 5, Call.EVENT, 5)),
        new Member(
            "dharma-gau-raksha",
            "Dharma Gau Raksha",
            "gaudaan",
            "standard",
            "INR",
            INDIA,
            Map.of("extra-admin-seats", 2, "api-rate-limit-boost", 1),
            calls(
                Call.READ,
                150,
                Call.DONATE,
                10,
                Call.RECEIPT,
                130,
                Call.REPORT,
                12,
                Call.GAUCOINS,
                10,
                Call.EVENT,
                5)),
        new Member(
            DEBTOR,
            "Nandi Foundation",
            "gaudaan",
            "premium",
            "INR",
            INDIA,
            Map.of("extra-storage", 1),
            calls(Call.READ, 80, Call.DONATE, 40, Call.RECEIPT, 20)),
        new Member(
            "atom-labs",
            "Atom Labs",
            "atom",
            "free",
            "USD",
            "UTC",
            Map.of(),
            calls(Call.READ, 90, Call.REPORT, 6, Call.GAUCOINS, 3)),
        new Member(
            "atom-works",
            "Atom Works",
            "atom",
            "pro",
            "USD",
            "UTC",
            Map.of(),
            calls(Call.READ, 200, Call.REPORT, 20)),
        new Member(
            "scale-api",
            "Scale API",
            "services",
            "usage",
            "USD",
            "UTC",
            Map.of(),
            calls(Call.READ, 1000, Call.REPORT, 50)),
        new Member(
            "flat-services",
            "Flat Services",
            "services",
            "pro",
            "USD",
            "UTC",
            Map.of(),
            calls(Call.READ, 40, Call.DONATE, 10)));
  }

  private static Map<Call, Integer> calls(Object... pairs) {
    Map<Call, Integer> calls = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      calls.put((Call) pairs[i], (Integer) pairs[i + 1]);
    }
    return calls;
  }
}
