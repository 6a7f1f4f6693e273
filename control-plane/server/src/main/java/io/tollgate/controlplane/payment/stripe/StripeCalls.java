package io.tollgate.controlplane.payment.stripe;

import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.ApiException;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.RateLimitException;
import com.stripe.exception.StripeException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard around every call to Stripe: an outage is tried again, with the same idempotency key, a
 * bounded number of times; a lasting one opens the circuit, so that a billing run does not wait out
 * one timeout per invoice. What Stripe answered on purpose (a decline, a mistake of ours) is
 * neither repeated nor held against it.
 */
final class StripeCalls {
  private static final Logger LOG = LoggerFactory.getLogger(StripeCalls.class);
  private static final int CONFLICT = 409;
  private static final int SERVER_ERROR = 500;

  /** One request to Stripe. */
  interface Call<T> {
    T run() throws StripeException;
  }

  /** Stripe cannot be asked now. */
  static final class Outage extends Exception {
    private static final long serialVersionUID = 1L;

    Outage(String why) {
      super(why);
    }
  }

  private final CircuitBreaker circuit;
  private final Retry retry;

  /**
   * @param firstPause before the second attempt; doubled, with jitter, before the third
   */
  StripeCalls(Duration firstPause) {
    circuit =
        CircuitBreaker.of(
            "stripe",
            CircuitBreakerConfig.custom()
                .slidingWindowSize(20)
                .minimumNumberOfCalls(10)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(30))
                .permittedNumberOfCallsInHalfOpenState(2)
                .recordException(StripeCalls::isOutage)
                .build());
    retry =
        Retry.of(
            "stripe",
            RetryConfig.custom()
                .maxAttempts(3)
                .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(firstPause, 2))
                .retryOnException(StripeCalls::isOutage)
                .build());
  }

  /**
   * Runs the call.
   *
   * @throws Outage if Stripe could not be reached, failed, or the circuit is open
   * @throws StripeException if Stripe refused the request
   */
  <T> T run(Call<T> call) throws Outage, StripeException {
    try {
      return retry.executeCallable(() -> circuit.executeCallable(call::run));
    } catch (StripeException e) {
      if (isOutage(e)) {
        throw new Outage(describe(e));
      }
      throw e;
    } catch (CallNotPermittedException e) {
      throw new Outage("Stripe failed repeatedly and is given a pause");
    } catch (Exception e) {
      // Something between us and Stripe answered instead: an empty body, a page of HTML.
      LOG.warn("an answer from Stripe cannot be read", e);
      throw new Outage("Stripe's answer cannot be read");
    }
  }

  private static boolean isOutage(Throwable thrown) {
    return switch (thrown) {
      case ApiConnectionException connection -> true;
      case RateLimitException limited -> true;
      case IdempotencyException same -> status(same) == CONFLICT;
      case CallNotPermittedException open -> false;
      case RuntimeException unreadable -> true;
      case ApiException api -> status(api) >= SERVER_ERROR || status(api) == CONFLICT;
      default -> false;
    };
  }

  private static String describe(StripeException e) {
    return e instanceof ApiConnectionException
        ? "Stripe cannot be reached"
        : "Stripe answered " + status(e);
  }

  private static int status(StripeException e) {
    Integer status = e.getStatusCode();
    return status == null ? 0 : status;
  }
}
