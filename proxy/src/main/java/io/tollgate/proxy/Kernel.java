package io.tollgate.proxy;

import io.tollgate.proxy.caller.Gates;
import io.tollgate.proxy.config.Engine;
import io.tollgate.proxy.upstream.Discovery;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.transport.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens Vert.x on the first way to the kernel that works here. */
final class Kernel {
  private static final Logger LOG = LoggerFactory.getLogger(Kernel.class);
  private static final int WORKERS = 4;

  private Kernel() {}

  static Vertx open(Engine engine, Gates gates) {
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(engine.eventLoops())
            .setWorkerPoolSize(WORKERS)
            .setInternalBlockingPoolSize(WORKERS)
            .setAddressResolverOptions(Discovery.caching(new AddressResolverOptions()))
            .setDisableTCCL(true);
    for (Engine.Transport wanted : engine.transports()) {
      Transport transport = transport(wanted);
      if (transport != null && transport.available()) {
        LOG.info("transport {}, {} event loop(s)", transport.name(), engine.eventLoops());
        return Vertx.builder().with(options).withTransport(gated(transport, gates)).build();
      }
      LOG.info("transport {} cannot be used here: {}", wanted, why(transport));
    }
    LOG.info("transport nio, {} event loop(s)", engine.eventLoops());
    return Vertx.builder().with(options).withTransport(gated(Transport.NIO, gates)).build();
  }

  private static Transport gated(Transport transport, Gates gates) {
    return new TransportInternal(
        transport.name(), true, null, gates.before(transport.implementation()));
  }

  private static @Nullable Transport transport(Engine.Transport wanted) {
    return switch (wanted) {
      case IO_URING -> Transport.IO_URING;
      case EPOLL -> Transport.EPOLL;
      case NIO -> Transport.NIO;
    };
  }

  private static String why(@Nullable Transport transport) {
    if (transport == null) {
      return "its library is not there";
    }
    Throwable cause = transport.unavailabilityCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == null ? "no reason given" : String.valueOf(cause.getMessage());
  }
}
