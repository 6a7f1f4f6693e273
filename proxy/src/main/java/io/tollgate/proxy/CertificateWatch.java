package io.tollgate.proxy;

import io.tollgate.proxy.config.PemFiles;
import io.tollgate.proxy.config.Tls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the listener's certificates: when their files change, connections that open from then
 * on see the new ones. A certificate whose key is not there yet waits for it.
 */
final class CertificateWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long LOOK_MILLIS = 1000;

  private final Vertx vertx;
  private final Tls tls;
  private final Supplier<Future<Boolean>> renew;
  private final long timer;
  private String inForce;
  private String refused = "";

  /**
   * Begins to look.
   *
   * @param renew makes the listener read its files anew
   */
  CertificateWatch(Vertx vertx, Tls tls, Supplier<Future<Boolean>> renew) {
    this.vertx = vertx;
    this.tls = tls;
    this.renew = renew;
    this.inForce = state();
    this.timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
  }

  private void look() {
    String now = state();
    if (now.equals(inForce) || now.equals(refused)) {
      return;
    }
    var unused =
        vertx
            .<Boolean>executeBlocking(
                () -> {
                  check();
                  return true;
                })
            .compose(belongTogether -> renew.get())
            .onComplete(done -> renewed(now), failure -> kept(now, failure));
  }

  private void renewed(String now) {
    inForce = now;
    refused = "";
    LOG.info("connections that open from now on see the new certificate of {}", tls.certificate());
  }

  private void kept(String now, Throwable failure) {
    refused = now;
    LOG.error(
        "the new certificate in {} is refused, the one in force stays: {}",
        tls.certificate(),
        failure.getMessage());
  }

  /** Names, sizes and times of the files behind whatever links lead to them. */
  private String state() {
    List<Path> files = new ArrayList<>(List.of(tls.certificate(), tls.key()));
    if (tls.clientAuthority() != null) {
      files.add(tls.clientAuthority());
    }
    StringBuilder state = new StringBuilder();
    for (Path file : files) {
      try {
        Path real = file.toRealPath();
        state.append(real).append(Files.size(real)).append(Files.getLastModifiedTime(real));
      } catch (IOException e) {
        state.append("being replaced");
      }
    }
    return state.toString();
  }

  private void check() {
    PemFiles.checkCertificates(tls.certificate());
    PemFiles.checkKey(tls.key(), tls.certificate());
    if (tls.clientAuthority() != null) {
      PemFiles.checkCertificates(tls.clientAuthority());
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
