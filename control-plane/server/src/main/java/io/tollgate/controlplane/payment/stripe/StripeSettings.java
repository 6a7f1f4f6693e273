package io.tollgate.controlplane.payment.stripe;

import io.tollgate.yaml.Secret;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.net.URI;
import java.time.Duration;

/**
 * How to reach Stripe.
 *
 * @param api base URL of the API, without a trailing slash
 * @param key the account's secret key
 * @param webhookSecret with which Stripe signs webhooks
 * @param connectTimeout to open a connection
 * @param readTimeout for an answer
 * @param webhookTolerance how old a webhook's signature may be, and how far ahead
 * @param tax whether Stripe Tax says the taxes of catalogs that name no rates of their own
 */
public record StripeSettings(
    URI api,
    Secret key,
    Secret webhookSecret,
    Duration connectTimeout,
    Duration readTimeout,
    Duration webhookTolerance,
    boolean tax) {
  /** Settings without Stripe Tax. */
  public StripeSettings(
      URI api,
      Secret key,
      Secret webhookSecret,
      Duration connectTimeout,
      Duration readTimeout,
      Duration webhookTolerance) {
    this(api, key, webhookSecret, connectTimeout, readTimeout, webhookTolerance, false);
  }

  /** Stripe's own address. */
  public static final URI API = URI.create("https://api.stripe.com");

  /**
   * Reads the keys {@code api, key, webhook-secret, connect-timeout, read-timeout,
   * webhook-tolerance, tax} and closes the mapping.
   *
   * @throws io.tollgate.yaml.YamlException naming file, line and key of the first mistake
   */
  public static StripeSettings read(YamlMap map) {
    Duration second = Duration.ofSeconds(1);
    Duration minute = Duration.ofMinutes(1);
    StripeSettings settings =
        new StripeSettings(
            map.find("api").map(value -> URI.create(value.text())).orElse(API),
            map.value("key").secret(),
            map.value("webhook-secret").secret(),
            map.find("connect-timeout")
                .map(value -> value.duration(Duration.ofMillis(100), minute))
                .orElse(Duration.ofSeconds(5)),
            map.find("read-timeout")
                .map(value -> value.duration(Duration.ofMillis(100), minute.multipliedBy(2)))
                .orElse(Duration.ofSeconds(30)),
            map.find("webhook-tolerance")
                .map(value -> value.duration(second, Duration.ofHours(1)))
                .orElse(Duration.ofMinutes(5)),
            map.find("tax").map(YamlValue::bool).orElse(false));
    map.close();
    return settings;
  }
}
