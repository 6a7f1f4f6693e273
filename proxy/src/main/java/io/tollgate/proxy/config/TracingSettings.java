package io.tollgate.proxy.config;

import io.tollgate.yaml.Secret;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where spans go.
 *
 * @param endpoint where they are posted, by OTLP over HTTP as JSON
 * @param sample one in so many calls that come without a trace begins a sampled one; those that
 *     come with a trace go by what it says
 * @param service the service's name in the spans
 * @param authorization value of the Authorization field of each post; null for none
 */
public record TracingSettings(
    URI endpoint, int sample, String service, @Nullable Secret authorization) {}
