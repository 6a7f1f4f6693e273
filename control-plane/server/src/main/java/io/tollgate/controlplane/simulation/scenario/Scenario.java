package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.UnaryOperator;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * A scenario as its file says: what is sold, who buys, what happens when, and what is to come of
 * it.
 *
 * @param name for people
 * @param file where it was read
 * @param catalogFile what to call the catalog in messages
 * @param catalog the catalog's YAML text
 * @param tenants who buys
 * @param steps what happens, in rising time
 * @param until up to when time goes on after the last step
 * @param expected what is to hold at the end
 * @param notes what other systems' catalogs have that could not be carried over, each with its line
 */
public record Scenario(
    String name,
    String file,
    String catalogFile,
    String catalog,
    List<Buyer> tenants,
    List<Step> steps,
    Instant until,
    List<Expected> expected,
    List<String> notes) {
  public Scenario {
    notes = List.copyOf(notes);
    tenants = List.copyOf(tenants);
    steps = List.copyOf(steps);
    expected = List.copyOf(expected);
  }

  /**
   * One tenant.
   *
   * @param imported whether a step of the scenario imports it; else it is there from the start
   * @param billing its place, registrations and language
   */
  public record Buyer(
      String id, ZoneId zone, CurrencyUnit currency, boolean imported, BillingDetails billing) {}

  /**
   * How a step is to be refused.
   *
   * @param status the HTTP status
   * @param field the field it is to name; null for any
   * @param state the state it is to name; null for any
   */
  public record Refusal(int status, @Nullable String field, @Nullable String state) {
    /** Whether a refusal is the one. */
    boolean is(Problem problem) {
      String errors = String.valueOf(problem.member("errors").orElse(""));
      return problem.status() == status
          && (field == null
              || errors.contains("field=" + field)
              || errors.contains("]." + field + ","))
          && (state == null
              || state.equalsIgnoreCase(String.valueOf(problem.member("state").orElse(""))));
    }
  }

  /**
   * One thing that happens.
   *
   * @param subscription the name of the subscription it is about; null for the tenant's latest
   * @param refused how it is to be refused; null where it is to succeed
   * @param expected what is to hold right after it
   * @param place tells a problem with the file's name and line before it
   */
  public record Step(
      Instant at,
      String tenant,
      @Nullable String subscription,
      Action action,
      @Nullable Refusal refused,
      List<Expected> expected,
      UnaryOperator<String> place) {
    public Step {
      expected = List.copyOf(expected);
    }
  }

  /**
   * One expectation.
   *
   * @param tenant of whom
   * @param path what is looked at in the tenant's result, such as {@code last.total}
   * @param value what it is to be, as text
   * @param place tells a problem with the file's name and line before it
   */
  public record Expected(String tenant, String path, String value, UnaryOperator<String> place) {}
}
