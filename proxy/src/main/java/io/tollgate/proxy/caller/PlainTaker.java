package io.tollgate.proxy.caller;

import io.tollgate.proxy.http.HeadWriter;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of an event loop share for their plain requests.
 *
 * @param handler who takes them; null leaves them to Vert.x
 * @param writer for the heads of answers
 * @param reading how requests are read
 * @param goesDown whether each connection closes behind the answers that are due
 */
record PlainTaker(
    @Nullable Handler<HttpServerRequest> handler,
    HeadWriter writer,
    HttpServerOptions reading,
    BooleanSupplier goesDown) {}
