package io.tollgate.proxy.decision;

import java.util.List;
import java.util.Objects;

/** Whether a call goes on, and why not. */
public sealed interface Decision {
  /** The call goes on to the upstream. One instance; the verdict has the details. */
  record Forward() implements Decision {
    /** The instance. */
    public static final Forward FORWARD = new Forward();
  }

  /**
   * The call is answered here with {@code application/problem+json} (RFC 9457).
   *
   * @param reason for counters
   * @param status the HTTP status
   * @param type the problem type's URI
   * @param title short, the same for every problem of the type
   * @param detail one sentence for the caller
   * @param violatedPolicies names of the limits that refused; empty for none
   * @param retryAfterSeconds value of {@code Retry-After}, never before the reset; -1 for none
   */
  record Refuse(
      Reason reason,
      int status,
      String type,
      String title,
      String detail,
      List<String> violatedPolicies,
      long retryAfterSeconds)
      implements Decision {
    public Refuse {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(title, "title");
      Objects.requireNonNull(detail, "detail");
      violatedPolicies = List.copyOf(violatedPolicies);
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("status: 400 to 599, not " + status);
      }
    }
  }
}
